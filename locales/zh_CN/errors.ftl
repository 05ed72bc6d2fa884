# A rule said no: what happened, and what to do next.
error-unknown = 这一步现在走不通。
error-unexpected = 对不起，我这边出了点状况，不是你的问题。再试一次；还不行，报这个代号给我们：{ $code }
error-not-found = 找不到这个，可能已经过期了。
error-duplicate = 这个刚才已经办过了。
error-not-allowed = 现在还不能这样做。
error-banned = 这个账号被停用了，不能再下单。你仍然可以查看和删除自己的数据。
error-consent-missing = 要先得到你的同意，才能往下走。
error-already-paid = 这个已经付过了，没有再扣款。
error-bill-outdated = 这张账单已经过期，没有扣款。说“继续”看现在的账单。
error-sales-paused = 照相馆今天先不接新单，你的照片还在，晚点再来付款就好。没有扣款。
error-queue-too-long =
    现在排队的人太多，要等 { $minutes } 分钟以上。不敢让你付了钱干等，先不收单，晚点再来。没有扣款。
error-nobody-works = 照相馆的机器这会儿不在，先不收你的钱。没有扣款。能下单了，我就在这里告诉你。
error-too-few-photos = 能用的照片只有 { $accepted } 张，最少要 { $minimum } 张。再发 { $missing } 张，就能往下走。
error-still-checking = 还有 { $checking } 张正在看，几秒钟就好，再试一次。
error-enough-photos = 照片够多了（最多 { $maximum } 张），这张没有收。可以往下走了。
error-too-few-credits = 点数不够：要 { $needed } 点，你有 { $balance } 点。
error-avatar-missing = 你还没有分身。先做一个，才能拍写真。
error-template-not-shown = 这个风格我现在画不好，先不收单。
error-clips-paused = 现在暂时不接让照片动起来的单。没有扣点，过会儿再试。
error-likeness-ceiling = 分身强度已经到顶，再往上脸会变僵。试试“再来一组”或换个风格。
error-beauty-ceiling = 修饰到头了，再多就不像你了。
error-wrong-amount = 付款金额和账单对不上，已经交给工作人员核对，你的钱不会丢。
error-part-too-large = 部分退款要大于零，并且少于这笔钱剩下的 { $left }。要把剩下的全退，就不写金额：买到的东西会收回。
error-refunds-whole-only = 这种支付方式只能整笔退，不能退一部分。不写金额就是退整单，买到的东西会收回。
error-till = 收银台暂时没有回应，没有扣款，等一下再试。
error-no-face-to-move = 这种动法要有脸，这张里没有能动的脸。镜头的动法可以用。
