"""WeChat Pay v3 as a till: bills to scan or to pay on a page, notifications, refunds, statements.

wechatpayv3 signs and sends our calls (:mod:`bot.wechat.pay.gateway`); nothing outside of this room
knows it.
"""
