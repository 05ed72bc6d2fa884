# Sharing and inviting: in the person's own chat, in another chat they choose, in groups.
share-ask = 要哪一张？按上面相册里的顺序数。发给谁由你定；你不发，谁也看不到。
share-ask-typed = 想发给谁由你定：长按你想发的那张写真，就能转发。你不发，谁也看不到。
share-button-one = 第 { $number } 张
share-button-send = 发给别人
share-caption = 绒鸭拍的写真 · AI 生成
share-show-first = 先在聊天里打开这张，再分享
share-open = 打开绒鸭

invite =
    { $credits ->
        [0] 觉得好，就叫上朋友：点下面的按钮，挑一个聊天发过去。
       *[other] 叫上朋友：对方从你的链接进来，等 TA 的第一个分身做好，你们就各得 { $credits } 点。之后对方要是退款，没用掉的会收回，用掉的从你下次的奖励里扣。
    }
invite-typed =
    { $credits ->
        [0] 觉得好，就叫上朋友一起来拍。
       *[other] 叫上朋友：对方从你的二维码进来，等 TA 的第一个分身做好，你们就各得 { $credits } 点。之后对方要是退款，没用掉的会收回，用掉的从你下次的奖励里扣。
    }
invite-button-send = 发给朋友
invite-button-link = 我的邀请链接
# Under the picture of a code that leads to us.
link-scan = 上面的二维码就是你的邀请，{ $days } 天内有效：长按它，转发给朋友。

invited-taken =
    { $credits ->
        [0] 是朋友带你来的，欢迎。
       *[other] 是朋友带你来的，欢迎。等你的第一个分身做好，你们各得 { $credits } 点。
    }
invited-own = 这是你自己的邀请链接，发给朋友才有用。
invited-known = 邀请只对新朋友有效，你早就来过了，所以这次不算。

invitation-title = 邀请朋友
invitation-about =
    { $credits ->
        [0] 发一份邀请到这里
       *[other] 发一份邀请到这里，你们各得 { $credits } 点
    }
invitation =
    { $credits ->
        [0] 来绒鸭拍写真吧：一家开在聊天里的照相馆，用你的照片做一个只属于你的数字分身，再拍出像你的写真。
       *[other] 来绒鸭拍写真吧：一家开在聊天里的照相馆，用你的照片做一个只属于你的数字分身，再拍出像你的写真。从这里进来，等你的第一个分身做好，我们各得 { $credits } 点。
    }
invitation-button-open = 去绒鸭看看

group-hello =
    我是绒鸭 Eider，一家开在聊天里的照相馆。看条款、发照片、付款、收写真，都在和我的私聊里，别人看不到。

    在群里我只听命令：谁发 /portrait，我就把谁自己的写真发到这里。
group-no-portrait = 你还没有能发到这里的写真，先到私聊里拍一组吧。
group-no-such-portrait = 没有排在这一位的写真。/portrait 是最新一组的第一张，/portrait 2 是第二张，往后数就是更早的。
group-portrait = { $style } · AI 生成
group-command-portrait = 把我自己的写真发到这里
group-command-start = 绒鸭是什么
group-command-help = 在群里能做什么
