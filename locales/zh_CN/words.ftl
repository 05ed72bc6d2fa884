# Words that a person may type instead of pressing a button, in this language. They work for
# everybody, whichever language they chose. Parted by "|"; case, spaces and marks do not matter.
language-name = 简体中文
words-language-this = 中文 | 简体中文 | 汉语 | 普通话 | 换成中文
words-start = 开始 | 拍照 | 我要拍照 | 开始拍照 | 你好 | 您好 | 嗨 | 在吗 | 开始吧
words-help = 帮助 | 怎么用 | 你能做什么
words-price = 多少钱 | 价格 | 怎么收费 | 价钱 | 收费
words-language = 语言 | 换语言 | 切换语言
words-mydata = 我的数据 | 你存了什么 | 数据
words-erase = 全部删除 | 删除 | 删除我的数据 | 清空 | 注销 | 删掉照片
words-cancel = 取消 | 不要了 | 算了 | 不做了 | 退款 | 我要退款
words-orders = 订单 | 我的订单 | 查订单
words-styles = 风格 | 换风格 | 换个风格 | 别的风格 | 模板 | 样片 | 写真
words-credits = 点数 | 余额 | 充值 | 买点数
words-terms = 条款 | 照片会怎样 | 照片怎么处理 | 协议
words-privacy = 隐私 | 隐私说明 | 隐私政策
words-revoke = 撤回同意 | 撤回授权 | 撤回
words-avatar = 分身 | 我的分身 | 数字分身
words-new = 新分身 | 重新做 | 再做一个 | 重做分身
words-tips = 技巧 | 怎么拍 | 拍照技巧 | 要什么照片
words-where = 到哪了 | 进度 | 排到哪了 | 好了没 | 继续 | 好了吗 | 做好了吗 | { waiting-button-refresh }
words-paysupport = 付款问题 | 支付问题 | 付了没到 | 扣款了 | 付不了
words-agree = 同意 | 我同意 | 可以 | 好的 | 好 | 行
words-decline = 不同意 | 不行 | 不可以 | 拒绝
words-woman = 女 | 女生 | 女士 | 女性 | 女的 | 我是女的
words-man = 男 | 男生 | 男士 | 男性 | 男的 | 我是男的
words-person = 都不是 | 不想说 | 保密 | 其他
words-done = 好了 | 发完了 | 就这些 | 够了 | 没有了 | 下单 | 完成 | 完成了
words-out = 拿掉 | 去掉 | 不是我 | 不是我的 | 有的不是我 | 除掉 | 删掉第 | 张不是我 | 第张不是我 | 号不是我 | 第号不是我 | 第不是我 | 号号不是我 | 张张不是我 | 第张第张不是我 | 第号第号不是我 | 那张不是我
numbers-and = 和 | 跟 | 与
words-pay = 付款 | 支付 | 买单 | 付钱
words-more = 更像我 | 更像我一点 | 再像一点
words-fairer = 更好看 | 更美 | 美一点 | 再美一点 | 更美一点
words-again = 再来一组 | 再来一张 | 换一组 | 再拍一组
words-expression = 换个表情 | 换表情 | 另一种表情
words-originals = 原图 | 下载 | 高清 | 要原图
words-share = 分享 | 转发 | 发给朋友 | 分享照片
words-invite = 邀请 | 邀请朋友 | 邀请好友 | 推荐给朋友
words-support = 人工 | 客服 | 人工客服 | 找客服 | 转人工
words-verify = 验证 | 查验 | 鉴别 | 是你们做的吗 | 查一张图
words-link = 绑定 | 绑定账号 | 连接聊天 | 关联账号 | 连接账号
words-unlink = 解绑 | 解除绑定 | 断开聊天 | 取消关联
words-alive = 让照片动起来 | 照片动起来 | 动起来 | 让它动起来 | 照片变视频 | 老照片 | 复活老照片
words-together = 同框 | 合影 | 两个人同框 | 和另一个人同框
words-clip = 视频 | 看视频 | 我的视频 | 再放一遍
words-paint = 画我 | 给我画 | 帮我画 | 画一张 | 画一个 | 画一幅 | 画个 | 画张 | 我想画 | 按我的话画
words-film = 拍一段我 | 给我拍段视频 | 拍段视频 | 做一段视频 | 给我做段视频
words-please = 请 | 请你 | 麻烦 | 麻烦你
words-self = 我自己 | 是我自己 | 本人
words-living = 在世的人 | 在世
words-dead = 已经过世的人 | 过世的人 | 过世
words-minor-age = 十[一二三四五六七]?|[五六七八九]
words-minor-goes-on = 的?(?:男|女)?(?:孩子?|生|学生|高中生|初中生)
words-minor-supposed = 如果|假如|要是|好像|看起来|以为|当|万一
words-minor =
    (?:^|[,;:!?。、.])(?:我|本人)(?:今年|现在|其实|才|只有|还|刚满|刚刚|刚|已经|虚岁|周岁|是个|是|也)*AGE周?岁半?(?:了|啊|呀|哦|吧|呢|啦)?END
    (?:^|[,;:!?。、.])我今年(?:才|刚)?AGEEND
    ^(?:今年|才|刚满)?AGE周?岁半?(?:了|啦|哦|啊|呀)?(?:[.。!~])*$
    (?:^|[,;:!?。、.])我(?:还|现在|其实)?(?:是个?|还是)?未成年人?(?:了|啊|呀|哦|的)?END
    (?:^|[,;:!?。、.])我(?:还|现在|其实)?[没未]有?成年
    (?:^|[,;:!?。、.])我(?:还|现在|其实)?[没未不]有?[满到够]?(?:18|十八)周?岁
