// The way back to the chat: an app around this page closes it, and any other browser follows the
// link, where there is one.
"use strict";

(() => {
  const back = document.getElementById("back");
  const wechat = /MicroMessenger/i.test(navigator.userAgent);
  const telegram = window.TelegramWebviewProxy;
  if (!back || !(wechat || telegram)) return;
  back.hidden = false;
  back.addEventListener("click", (event) => {
    event.preventDefault();
    if (telegram) telegram.postEvent("web_app_close", "{}");
    else window.WeixinJSBridge?.call("closeWindow");
  });
})();
