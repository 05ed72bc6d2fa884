# Paying and waiting.
bill-title-avatar = 绒鸭 · 数字分身一个
bill-title-credits = 绒鸭 · { $credits } 点
bill-avatar =
    { $price }，一次付清，没有别的费用。

    你会得到：
    · 用 { $accepted } 张照片做的数字分身
    · 第一组写真，{ $portraits } 张，风格是“{ $style }”
    · { $sets ->
        [0] 另送 { $credits } 点，可以接着拍别的风格
       *[other] 另送 { $credits } 点，够再拍 { $sets } 组别的风格
    }

    { $compared ->
        [all] 照你说的，这些照片我互相比过了。我也会看错：付款前请你看一眼，都是你本人。
        [some] 到现在为止，这些照片我只比了一部分：付款前请你看一眼，都是你本人。
       *[none] 你不要我比，我就不比对这些照片里是不是同一个人：付款前请你看一眼，都是你本人。
    }

    没做成，自动全额退款。开工之前想取消，也全额退；开工以后自己停下，就不退了。
bill-referral = 另外，因为是朋友带你来的，等你的分身做好，你们各得 { $credits } 点。
bill-credits = { $price } 买 { $credits } 点。一组写真 { $cost } 点，一段视频 { $clip } 点：够拍 { $sets } 组，或者做 { $clips } 段。没做成的，点数退回。
# The address of a page where it is paid; a picture to scan; both under the bill.
bill-link = 去付款：{ $url }
bill-scan = 长按上面的二维码，识别后付款；在电脑上看，就用手机扫它。
bill-button-pay = 在聊天里付款
bill-button-cancel = 不买了
bill-prompt = 账单已经开好，付了款我就开工。
bill-outdated = 这张账单已经作废：开出之后，照片或比对结果有变化。它不能再付；万一还有钱付进来，会全额退回。照片选定后，我给你开一张新的。
bill-outdated-age = 这张账单已经作废：你说了自己的年龄，照片要等工作人员看过。它不能再付；万一还有钱付进来，会全额退回。
bill-changed = 你点的是先前的账单，内容后来变了，没有扣款。现在以这一张为准：
bill-nothing = 没有要付的账单。
bill-failed = 收银台没有回应，一分钱也没有扣。等一下再试一次。
bill-unshown = 账单没能发到这里，一分钱也没有扣。等一下再试一次。
bill-button-retry = 再试一次
paid-button-clip = 去选照片怎么动
paid = 收到 { $amount }，谢谢。
receipt-line = { $number } · { $day } · { $product }
paid-credits = 收到 { $amount }，{ $credits } 点已到账，现在一共 { $balance } 点。
pay-twice = 这个已经付过了，又收到一笔 { $amount }。多出来的会自动全额退回，你不用做什么。
pay-too-late = 收到 { $amount }，可是那张账单已经关了。会自动全额退回，你不用做什么。
pay-wrong-amount = 收到 { $amount }，跟账单的金额对不上。会自动全额退回；这张账单没有因此付掉，还在等付款。
pay-returned = 收到 { $amount }，可是付款方说这笔钱已经退回了。你不用做什么；账单没有因此付掉，还在等付款。
pay-banned = 收到 { $amount }，可是这个账号已经不能下单了。会自动全额退回，你不用做什么。
pay-received = 收到 { $amount }，谢谢。
pay-unknown = 收到 { $amount }，但我查不到是哪一单。钱不会丢，会有人来核对。要问的话发 /paysupport，报 { $code }。

waiting-queue =
    { $ahead ->
        [0] 下一个就是你。
       *[other] 排队中，前面还有 { $ahead } 位。
    }
waiting-eta = 大约还要 { $span }。
waiting-eta-unknown = 还要多久，现在还说不准；一知道就告诉你。
waiting-eta-no-worker = 现在没有服务器在做这件事，还要多久说不准。你的位置一直留着。
waiting-halted =
    { $stopped ->
        [yes] 照相馆停工了：现在没有机器在做，还要多久说不准。
       *[no] 现在没有机器在做，还要多久说不准。
    }{ $held ->
        [money] 你付的钱和排的位置都留着，
        [credits] 预扣的点数和排的位置都留着，
       *[nothing] 排的位置留着，
    }机器一到位，就自动接着做。
waiting-working = 正在做你的分身：{ $percent }。
waiting-leave = 聊天可以关掉，好了我发消息告诉你。
waiting-leave-open = 页面可以关掉，不影响制作。只是我没法从这里叫你，过一会儿回来看看，做好的都在这里。
waiting-leave-contact = 聊天可以关掉，好了我发消息告诉你。要是两天没收到你的消息，这里就不让我先开口：你发一句话，我马上告诉你。
waiting-prompt = 你的分身正在做，不用做什么。
waiting-sample = 先给你看一张试拍。还没学完，现在不算数。
ended-sample = 试拍的那张收起来了，只是等的时候看看的。
ended-training =
    { $how ->
        [done] 学习完成了。
        [failed] 学习结束了，没有做成分身。
       *[cancelled] 学习已取消。
    }
waiting-button-refresh = 看看进度
waiting-button-cancel = 取消并退款

cancel-nothing = 没有什么可以取消的。做好的订单有问题，发 /paysupport。
cancel-ask-photos = 要取消吗？你发来的照片会马上删除。
cancel-ask-bill = 要取消这个订单吗？没有扣款，照片会马上删除。
cancel-ask-paid = 还没开工，现在取消可以全额退回 { $amount }，照片会马上删除。确定吗？
cancel-too-late =
    已经开工了，服务器的时间收不回来，所以现在不能取消。要是没做成，会自动全额退款。

    { $kept ->
        [yes] 不想让照片被用了，可以撤回同意（/revoke）：会停下、全部删除，但你付的 { $amount } 不退。
       *[no] 不想让照片被用了，可以撤回同意（/revoke）：会停下、全部删除，{ $amount } 全额退给你。
    }
cancel-button-yes = 取消
cancel-button-no = 不取消
cancel-kept = 好，接着来。
cancel-done = 已取消，没有扣款。照片正在删除，删完给你回执。
cancel-refunding = 已取消，{ $amount } 正在退回。照片正在删除，删完给你回执。
cancel-credits = 买点数的账单已取消，没有扣款。
waiting-stage-loading = 正在准备。
waiting-stage-preparing = 正在整理照片。
waiting-stage-training = 正在学你的样子。
waiting-stage-sampling = 正在试拍一张。
waiting-stage-painting = 正在拍。
bill-button-show = 看账单
# Where somebody stands whose last order has ended, before what can be done now.
ended-refunding = 上一单的 { $amount } 正在原路退回，那一单的分身、写真和照片都不留。想再做一个，从下面重新开始。
ended-refunded = 上一单的 { $amount } 已经退回（到账快慢看付款渠道），那一单的分身、写真和照片都不留。想再做一个，从下面重新开始。
ended-stopped = 上一单已按你的要求停下，东西都删了。想再做一个，从下面重新开始。
