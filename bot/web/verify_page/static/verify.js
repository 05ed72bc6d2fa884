// Sends the chosen file as it is, and shows the sentence that comes back.
const form = document.getElementById("ask");
const file = document.getElementById("file");
const verdict = document.getElementById("verdict");
const button = form.querySelector("button");

file.addEventListener("change", () => { verdict.hidden = true; });

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [chosen] = file.files;
  if (!chosen || button.disabled) return;
  button.disabled = true;
  say(form.dataset.busy);
  try {
    const answer = await fetch("/verify", {
      method: "POST",
      body: chosen,
      headers: { "Content-Type": "application/octet-stream" },
    });
    const told = answer.ok || answer.status === 413 || answer.status === 429;
    say(told ? await answer.text() : form.dataset.trouble);
  } catch {
    say(form.dataset.trouble);
  } finally {
    button.disabled = false;
  }
});

function say(words) {
  verdict.textContent = words;
  verdict.hidden = false;
}
