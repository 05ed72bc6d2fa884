// Hands the payment to WeChat, and shows the outcome once the shop has it. What WeChat tells the
// page of a payment is not believed: the page goes on asking the shop.
"use strict";

const { path, bill } = document.body.dataset;
const pay = document.getElementById("pay");
const said = document.getElementById("said");
const EVERY = 3000; // milliseconds
const AT_LEAST = 2 * 3600 * 1000 / EVERY; // a code's two hours

const PATIENCE = 8000; // milliseconds until WeChat's bridge is not waited for any more

// `use` once the bridge is there, `missed` where it does not come: never both.
function bridge(use, missed) {
  if (window.WeixinJSBridge) {
    use();
    return;
  }
  const ready = () => {
    clearTimeout(late);
    use();
  };
  const late = setTimeout(() => {
    document.removeEventListener("WeixinJSBridgeReady", ready);
    missed();
  }, PATIENCE);
  document.addEventListener("WeixinJSBridgeReady", ready, { once: true });
}

function failed(text) {
  pay.disabled = false;
  said.textContent = text;
}

if (pay) {
  pay.addEventListener("click", () => {
    pay.disabled = true;
    said.textContent = pay.dataset.opening;
    bridge(() => window.WeixinJSBridge.invoke(
      "getBrandWCPayRequest", JSON.parse(pay.dataset.parameters), (answer) => {
        const outcome = String(answer && answer.err_msg);
        if (outcome.endsWith(":ok")) {
          said.textContent = pay.dataset.checking;
          return;
        }
        failed(outcome.endsWith(":cancel") ? pay.dataset.cancelled : pay.dataset.failed);
      }), () => failed(pay.dataset.absent));
  });
}

// Without the code of a login, which is used up: a page that is over needs none.
function again() {
  location.replace(`${path}?bill=${encodeURIComponent(bill)}`);
}

async function ask(left) {
  if (left <= 0) return;
  try {
    const answer = await fetch(`${path}/state?bill=${encodeURIComponent(bill)}`, { cache: "no-store" });
    if (answer.status === 404 || (answer.ok && (await answer.json()).state !== "awaiting")) {
      again();
      return;
    }
  } catch { /* offline for a moment: the next one may come through */ }
  setTimeout(ask, EVERY, left - 1);
}

if (bill) setTimeout(ask, EVERY, AT_LEAST);
