# The first words, the language, the help, and what is said to odd input.
welcome =
    一次付 { $price }，用你的 { $asked } 张照片做一个只属于你的数字分身，再拍出一组像你的写真。我是绒鸭 Eider，一家开在聊天里的照相馆。🪶
welcome-safe = 没做成，全部退还，不用你开口。
welcome-samples = 样片由 AI 绘制，图中人物并不存在。
welcome-wait =
    { $known ->
        [no-worker] 这会儿没有机器在开工，说不准分身什么时候能做好。
        [no] 要多久现在还说不准，一有数就告诉你。
       *[yes] 现在付款，分身大概 { $span }做好。
    }
welcome-closed =
    { $why ->
        [away] 我是绒鸭 Eider，一家开在聊天里的照相馆。🪶 我用照片做数字分身，再用分身拍写真。干活的机器这会儿不在，等它们回来再接新单。
        [queue] 我是绒鸭 Eider，一家开在聊天里的照相馆。🪶 我用照片做数字分身，再用分身拍写真。现在排队的人太多，暂时不接新单。
       *[paused] 我是绒鸭 Eider，一家开在聊天里的照相馆。🪶 我用照片做数字分身，再用分身拍写真。现在暂时不接新单。
    }
welcome-clip =
    { $gift ->
        [yes] 也可以让一张照片动起来：奶奶会笑，会点头。第一段视频送你。
       *[no] 也可以让一张照片动起来：奶奶会笑，会点头。一段视频 { $credits } 点。
    }
welcome-how = 流程：先看看照片会被怎么对待，你点头，再发照片。做好的都直接发在这里。
welcome-again = 想做什么：让一张照片动起来，还是做个分身拍写真？
welcome-button-begin = 拍我的写真
welcome-button-language = Language · 语言
welcome-prompt = 想开始的话，点下面的按钮，或者说“开始”。
welcome-prompt-typed = 想开始的话，回复前面的数字，或者说“开始”。

language-ask = 用哪种语言聊？
language-set = 好，以后我说中文。

help =
    我是绒鸭 Eider，能让照片动起来，也用你的照片做数字分身，再拍成写真。

    按钮和文字都行，下面这些随时可用：
    { $commands }

    卡住了就说“继续”，我会接着上次的地方。付款出了问题，发 /paysupport。
help-typed =
    我是绒鸭 Eider，能让照片动起来，也用你的照片做数字分身，再拍成写真。

    看到带数字的选项，回复数字就行。下面这些话随时可以说：
    { $commands }

    卡住了就说“继续”，我会接着上次的地方。付款出了问题，发 /paysupport。

# One line each, behind the command's name; also the platform's menu.
command-start = 从现在的地方继续
command-help = 我能做什么
command-alive = 让一张照片动起来
command-styles = 挑风格，拍写真
command-avatar = 我的数字分身
command-credits = 点数和充值
command-invite = 邀请朋友
command-orders = 我的订单
command-cancel = 取消或退款
command-mydata = 我这里存了你的什么
command-erase = 删除我的一切
command-revoke = 撤回对照片的同意
command-terms = 照片会被怎么对待
command-privacy = 隐私说明
command-language = 换语言
command-verify = 查一张图是不是我们做的
command-support = 找工作人员
command-paysupport = 付款遇到问题

button-where = 继续
button-help = 帮助
button-back = 返回

# Odd input: first what it was, then (from the state) what to do now.
odd-text = 这句我没听懂，不过没关系。
odd-button = 这个选项已经过期了，现在是这样：
odd-number = 没有这个数字的选项，现在是这样：
odd-sticker = 贴纸收到，可爱。不过我只会看照片。
odd-voice = 语音我听不了，打字或者按按钮都行。
odd-voice-typed = 语音我听不了，打字就行。
odd-video = 视频我用不上，只要照片就好。
odd-file = 这个文件我打不开。照片请发 JPEG、PNG、WebP、HEIC 或 AVIF。
odd-file-pictures = 文件我收不到。照片请不要当文件发：从相册里选，勾上“原图”，当照片发来就行。
odd-place = 位置我用不上，也不会记下来。
odd-other = 这个我还看不懂。
back-again = 欢迎回来。

# The menu that an account has beside the chat: three groups, and what is in them. WeChat: at most
# 16 bytes for a group, 60 for the rest.
menu-shoot = 拍写真
menu-mine = 我的
menu-help = 帮助
menu-where = 开始 / 继续
menu-styles = 挑风格
menu-avatar = 我的分身
menu-alive = 让照片动起来
menu-invite = 邀请朋友
menu-progress = 进度
menu-credits = 余额 / 充值
menu-orders = 我的订单
menu-mydata = 我的数据
menu-language = 语言 Language
menu-how = 怎么用
menu-paysupport = 付款问题
menu-cancel = 取消 / 退款
menu-verify = 验证图片
menu-erase = 删除我的一切
