# What workers, tills and the clock have to tell.
news-avatar-ready = 你的分身做好了，制作用时 { $span }。第一组写真随后就到。
news-avatar-failed =
    对不起，这次没做成，是我这边的问题。{ $amount } 正在自动退回，你不用做什么。照片会删掉，删完给你回执。
news-shoot-failed = 对不起，“{ $style }”这组没拍成，{ $credits } 点已经退回。可以再试一次，或换个风格。
news-wish-failed = 对不起，按你的话画的没画成，{ $credits } 点已经退回。可以再试一次，或换个说法。
news-wish-not-passed = 对不起，按你的话画出来的，没有一张通过我自己的检查（要得体、是成年人、脸要画对），这样的我不交给你；{ $credits } 点已经退回。换个说法也许就行。
news-refunded = { $amount } 已经退回。到账快慢看付款渠道。
news-reduced = 照相馆把你付的钱里的 { $amount } 退给了你，不因此收回任何东西。到账快慢看付款渠道。
news-given-back =
    { $what ->
        [done] 照相馆把分身的 { $amount } 退给你，所以这一单到此为止：分身和写真正在删除，随单送的点数里没用的也收回了。
        [stopped] 照相馆把已停下的那一单的 { $amount } 退给你，那一单的东西之前就删了。
        [credits] 照相馆把 { $amount } 退给你，所以这笔钱买的点数收回了，不够的话有多少收多少。
       *[paid] 照相馆把分身的 { $amount } 退给你，所以制作到此为止，照片正在删除。
    }有疑问就发 /paysupport。
news-returned-avatar = 支付方把 { $amount } 退给了你，所以这一单到此为止：分身和写真正在删除，随单送的点数里没用的也收回了。不是你的意思，就发 /paysupport。
news-returned-credits = 支付方把 { $amount } 退给了你，所以这笔钱买的点数收回了，不够的话有多少收多少。不是你的意思，就发 /paysupport。
news-uploads-erased =
    删除回执：我还留着的 { $count } 张照片已经全部抹掉，密钥也销毁了，谁也恢复不了。
news-training-erased =
    删除回执：我还留着的 { $count } 张照片已经全部抹掉，密钥也销毁了，谁也恢复不了。训练的中间文件也查过了，一个不剩。
news-approved = 第 { $number } 张有人看过了：没问题，已经算上。
news-approved-late = 第 { $number } 张有人看过了：没问题。不过你的分身没等它，已经开工了。
news-rejected = 第 { $number } 张有人看过了：不能用，没有算上。
news-held-erased = 有 { $count } 张在等人看。照片抹掉的时候还没人看过：没有用上，也一起抹掉了。
news-open-again = 照相馆又开工了，可以接着刚才的继续。
news-expired = 过了 { $hours } 小时没有付款，订单自动取消了，照片正在删除。想做的话随时再来。
news-granted = 送你 { $credits } 点，现在一共 { $balance } 点。
news-referral-host = 你邀请的一位朋友的分身做好了，送你 { $credits } 点，谢谢你带 TA 来。现在一共 { $balance } 点。
news-referral-guest = 因为是朋友带你来的，送你 { $credits } 点。现在一共 { $balance } 点。
news-referral-settled = 邀请送的点数里，有 { $settled } 点抵掉了之前的一次：那次的订单撤销了，而送的点数已经用掉。
news-referral-back = 你邀请的一位朋友那笔订单没有做成，送你的点数里还没用的 { $credits } 点收回了。
news-button-again = 再来一次
news-erased = 又看了一遍：你的照片、分身、训练存档和写真，库里已经一个不剩，密钥也一把不剩。
# A template message to somebody who must write first; at most 20 signs.
waits-portraits = 你的写真好了，回来看看吧
waits-clip = 你的视频好了，回来看看吧
waits-news = 有消息等着你，回来看看吧
