// The app around the page: which one it is, and the little that is said to it.
const TELEGRAM_WEB = "https://web.telegram.org";
const isWechat = /MicroMessenger/i.test(navigator.userAgent);
const isTelegram = "TelegramWebviewProxy" in window || /[#&]tgWebAppVersion=/.test(location.hash);

/** "wechat", "telegram", or "" for a plain browser. */
export const host = isWechat ? "wechat" : isTelegram ? "telegram" : "";

/** Tell Telegram that the page is there, and take the whole height. */
export function ready() {
  tell("web_app_ready");
  tell("web_app_expand");
}

function tell(event) {
  if (host !== "telegram") return;
  if (window.TelegramWebviewProxy) window.TelegramWebviewProxy.postEvent(event, "{}");
  else if (window.parent !== window) window.parent.postMessage(JSON.stringify({ eventType: event, eventData: {} }), TELEGRAM_WEB);
}
