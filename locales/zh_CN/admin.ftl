# For the people who run the studio. Everybody else never sees these.
admin-usage-stats = 用法：/stats
admin-usage-queue = 用法：/queue
admin-usage-order = 用法：/order 订单号，或客户的邀请链接
admin-order-by-link = 这是凭邀请链接查到的。链接朋友也有，不能证明对方就是本人。
admin-usage-grant = 用法：/grant 平台:编号 点数，如 /grant telegram:42 10
admin-usage-refund = 用法：/refund 订单号（退回剩下的全部，买到的东西收回），或 /refund 订单号 金额（只退一部分，买到的都保留）
admin-usage-ban = 用法：/ban 平台:编号
admin-usage-unban = 用法：/unban 平台:编号
admin-usage-review = 用法：/review
admin-usage-pause = 用法：/pause
admin-usage-resume = 用法：/resume
admin-usage-pauseclips = 用法：/pauseclips
admin-usage-resumeclips = 用法：/resumeclips
admin-usage-erase = 用法：/erase 平台:编号
admin-done = { $command } 已执行：{ $outcome }
admin-granted = 送了 { $credits } 点，现有 { $balance } 点
admin-none = 没有待看的照片。
admin-erased = 照片 { $photos }，分身 { $avatars }，写真 { $portraits }，视频 { $clips }；退款的订单：{ $refunded }；停下不退的：{ $kept }
admin-past-account = 一个已删除的账号
admin-line = { $name }：{ $value }
admin-order-stopped = 顾客要求停下，不退款
admin-stats =
    用户：{ $users }（已删除 { $erased }）
    待看照片：{ $held }
    收入：{ $earned }
    未用点数：{ $credits }
    账目差额：{ $books }
    { $selling ->
        [on] 销售：开
       *[off] 销售：停
    }
    { $animating ->
        [on] 视频：开放
       *[off] 视频：暂停
    }
admin-queue = { $queue }：等待 { $waiting }，进行 { $running }，工人 { $workers }，预计 { $wait }
admin-order =
    订单：{ $id }
    客户：{ $person }
    日期：{ $day }
    商品：{ $product }
    状态：{ $state }
    金额：{ $amount }（收款 { $charges } 笔）
    部分退款：{ $returned }（{ $parts } 笔）
    照片：{ $accepted } / { $sent }
    分身：{ $avatar }
    退款原因：{ $reason }
admin-orders-line = { $number } · { $day } · { $state }
history-began = 开始
history-charge = 收到 { $amount }，收款 { $charge }
history-part-owed = { $charge } 有一部分待退
history-part-back = { $charge } 有一部分已退
history-avatar-ready = 分身 { $avatar } 做好
history-job-queued = { $kind }：排队，任务 { $job }
history-job-begun = { $kind }：{ $worker } 开始（尝试 { $tries }，失败 { $failures }）
history-job-ended = { $kind }：{ $state }，原因：{ $cause }
history-checks = 照片已看：{ $count }（{ $states }）
history-message = 还没通知：{ $what }（{ $state }，尝试 { $tries }）
history-messages = 还没通知：{ $what }，共 { $count } 条，{ $oldest } 至 { $newest }（{ $states }，尝试至多 { $tries }）
history-act = 管理员：/{ $command }，{ $outcome }
admin-review-head = 待看照片：{ $count } 张。
admin-held = 有 { $count } 张图待看：/review。{ $hours } 小时内没人看的会被删除。
admin-held-minor = 可能是未成年人。
admin-held-stated = 可能是未成年人：发照片的人自己这么说。
admin-held-indecent = 可能不雅。
admin-stated-minor = ⚠ { $person } 说自己未成年。{ $order ->
        [none] 没有分身订单
       *[other] 订单：{ $order }（{ $state }）
    }，待看的照片：{ $held } 张。{ $held ->
        [0] {""}
       *[other] 看照片：/review。
    }{ $paid ->
        [yes] 停下并退款：/refund { $order }。
       *[no] {""}
    }不再为其制作：/ban { $person }
admin-review-clip = 要动起来的照片：
admin-review-approve = 可以用
admin-review-reject = 不能用
admin-difference-unbooked = ⚠ { $till } 为订单 { $order } 收了 { $theirs }，我们没有收到通知。现在已补记。流水：{ $charge }
admin-difference-returned = ⚠ { $till } 自行退了订单 { $order } 的钱，我们不知道：原来有 { $ours }，现在剩 { $theirs }。已经补记。只退一部分的，订单照旧；全退完的，买到的东西已收回。流水：{ $charge }
admin-difference-stray = ⚠ { $till } 为“{ $order }”收了 { $theirs }，这不是我们的订单，需要人工核对。流水：{ $charge }
admin-difference-amount = ⚠ 订单 { $order }：{ $till } 记 { $theirs }，我们记 { $ours }，需要人工核对。流水：{ $charge }
admin-difference-kept = ⚠ 订单 { $order } 退款后，账上应剩 { $ours }，但 { $till } 还有 { $theirs }，需要人工核对。流水：{ $charge }
admin-difference-absent = ⚠ 订单 { $order } 记了 { $ours }，但 { $till } 没有这笔，需要人工核对。流水：{ $charge }
admin-difference-ledger = ⚠ { $till } 的账户余额是 { $ours }，各笔流水合计却是 { $theirs }，需要人工核对。
admin-not-booked-payment = ⚠ { $till } 报来的一笔付款未能入账：顾客已经付款，订单却仍在等待付款。我们没有确认收到，{ $till } 每次重报时都会再试。出错位置见日志 payment_not_booked。流水：{ $charge }
admin-not-booked-refund = ⚠ { $till } 报来的一笔退款未能入账。我们没有确认收到，{ $till } 每次重报时都会再试。出错位置见日志 payment_not_booked。流水：{ $charge }
admin-booked-after-all-payment = ✓ { $till } 报来、此前未能入账的那笔付款，现在已经入账，无需再做什么。流水：{ $charge }
admin-booked-after-all-refund = ✓ { $till } 报来、此前未能入账的那笔退款，现在已经入账，无需再做什么。流水：{ $charge }
admin-refund-stuck = ⚠ { $till } 的一笔退款停住了，要在它的商户后台里处理（银行卡不能收款、账户余额不足之类）。处理好以后这里会自动接着走，不用再点退款。流水号：{ $charge }，退款：{ $refund }
admin-refund-closed = ⚠ { $till } 关闭了一笔退款，钱没有退出去，多半是账户余额一直不足。已经换单号重新申请，请给账户充值。流水号：{ $charge }，退款：{ $refund }
admin-refund-closed_unasked = ⚠ { $till } 关闭了一笔退款，钱没有退出去。这一笔不是这里在退的，多半是有人在商户后台做的：账上不变，这里也不会重新申请。还想退的话，请在后台重做，或用 /refund。流水号：{ $charge }，退款：{ $refund }
admin-refund-too_much = ⚠ { $till } 报来一笔退款，比账上这笔钱剩下的还多：多半是这里退了一次，商户后台又退了一次。订单照旧，这里应退的仍在申请，请人来决定。流水号：{ $charge }，退款：{ $refund }
admin-refund-begun =
    { $gone ->
        [yes] { $amount } 正在退回。买到的东西此前已经删除，没有可保留的。支付方有问题会告诉你。
       *[no] { $amount } 正在退回，不因此收回任何东西。支付方有问题会告诉你。
    }
admin-differences = ⚠ { $till }：还有 { $count } 处不符。全部：python -m bot reconcile
admin-help-wanted = { $person } 付款遇到问题，想找人帮忙。最近一笔已付订单：{ $order }
admin-worker-fault = ⚠ 工作进程 { $worker } 已停止接活：{ $what ->
        [device] GPU 不见了或无法计算
        [weights] 模型权重缺失或被改动
        [base] 基础模型跑一步就失败
        [folder] 临时目录或缓存无法写入
        [memory] 内存不足
        [blob_store] 它看到的不是本系统的文件库，或者无法使用
        [master_key] 它的主密钥不是本系统的
       *[other] 自检没有通过（{ $what }）
    }。订单没有丢：它会把活交还，并不断自检直到恢复正常。怎么处理，看它的日志和 /readyz。

# Behind the commands in the platform's menu.
admin-command-stats = 一览：用户、订单、收入
admin-command-queue = 各队列的情况
admin-command-order = 看一个订单
admin-command-grant = 送点数
admin-command-refund = 给订单退款，可退一部分
admin-command-ban = 停用一个账号
admin-command-unban = 恢复一个账号
admin-command-review = 看拿不准的照片
admin-command-pause = 暂停接单
admin-command-resume = 恢复接单
admin-command-pauseclips = 暂停接收要动起来的照片
admin-command-resumeclips = 恢复接收要动起来的照片
admin-command-erase = 删除一个人的一切；不带编号就是我自己
admin-usage-cases = 用法：/cases
admin-usage-case = 用法：/case 编号
admin-usage-answer = 用法：/answer 编号 回复内容
admin-usage-close = 用法：/close 编号
admin-command-cases = 等人回复的咨询
admin-command-case = 看一个咨询
admin-command-answer = 在顾客的聊天里回复
admin-command-close = 结束咨询
admin-cases-none = 没有正在进行的咨询。
admin-cases-more = 还有 { $count } 条，等得没这么久。
admin-case-open = 等待回复
admin-case-answered = 已回复
admin-case-closed = 已结束
admin-case-line = { $number } · { $state } · { $day } · 消息 { $count } 条
admin-case-who = 顾客：{ $person } · 最近付款的订单：{ $order }
admin-case-earlier = 更早的 { $count } 条没有显示
admin-case-customer = 顾客，{ $day }：{ $words }
admin-case-studio = 照相馆，{ $day }：{ $words }
admin-case-written = 咨询 { $number }：顾客写了话（消息 { $count } 条）。查看：/case { $number } · 回复：/answer { $number } 内容 · 结束：/close { $number }
admin-case-withdrawn = 咨询 { $number }：顾客自己结束了。
