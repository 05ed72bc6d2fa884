# For the people who run the studio. Everybody else never sees these.
admin-usage-stats = 用法：/stats
admin-usage-queue = 用法：/queue
admin-usage-order = 用法：/order 订单号
admin-usage-grant = 用法：/grant 平台:编号 点数，如 /grant telegram:42 10
admin-usage-refund = 用法：/refund 订单号
admin-usage-ban = 用法：/ban 平台:编号
admin-usage-unban = 用法：/unban 平台:编号
admin-usage-review = 用法：/review
admin-usage-pause = 用法：/pause
admin-usage-resume = 用法：/resume
admin-usage-erase = 用法：/erase 平台:编号
admin-done = { $command } 已执行：{ $outcome }
admin-none = 没有待看的照片。
admin-erased = 照片 { $photos }，分身 { $avatars }，写真 { $portraits }
admin-line = { $name }：{ $value }
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
admin-queue = { $queue }：等待 { $waiting }，进行 { $running }，工人 { $workers }，预计 { $wait }
admin-order =
    订单：{ $id }
    客户：{ $person }
    日期：{ $day }
    商品：{ $product }
    状态：{ $state }
    金额：{ $amount }（收款 { $charges } 笔）
    照片：{ $accepted } / { $sent }
    分身：{ $avatar }
    退款原因：{ $reason }
admin-review-head = 待看照片：{ $count } 张。
admin-review-approve = 可以用
admin-review-reject = 不能用
