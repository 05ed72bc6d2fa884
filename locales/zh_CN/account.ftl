# Orders, data, credits, erasing.
orders-none = 还没有订单。
orders-head = 你的订单：
orders-line = { $number } · { $day } · { $product } · { $amount } · { $state }
orders-more = ……只列最近 { $count } 个。
product-avatar = 数字分身
product-credits = { $credits } 点
order-collecting = 收照片中
order-awaiting = 等付款
order-paid = 已付款，制作中
order-paid-halted = 已付款，等机器到位
order-done = 已完成
order-stopped = 已按你的要求停下，不退款
order-refunding = 正在退款
order-refunded = 已退款
order-cancelled = 已取消

mydata =
    我这里有你的这些：

    · 上传的照片（含试拍）：{ $uploads } 张
    · 照片的检查结果（含照片和脸部画面的校验值）：{ $checks } 条
    · 照你说的互相比过的照片，以及和其余的像不像：{ $compared } 张
    · 训练中途的存档：{ $checkpoints } 份
    · 数字分身：{ $avatars } 个
    · 写真：{ $portraits } 张
    · 视频：{ $clips } 段
    · 用你自己的话画的图：听懂的内容，已加密：{ $prompts } 条
    · 与工作人员的往来消息（加密）：{ $cases } 条
    · 为动起来而发来的照片及其缩小件：{ $sources } 张
    · 每段视频：你说的照片里是谁、选的动作、有几张脸
    · 同意记录：{ $consents } 条
    · 订单：{ $orders } 个
    · 点数：{ $credits }
    · 你在本平台的编号和语言，你选的是女、男还是都不是，分身强度、修饰和神情的选择，还有是谁带你来的（要是有）
    · 防滥用的请求次数，记在带密钥的哈希下，最多一天
    · 平台限制我发几条消息的话：你上次找我的时间和之后我发过几条，同样记在哈希下，最多两周

    没有你的名字、五官关键点、人脸特征，也没有你打过的其他字。
mydata-button-erase = 全部删除
mydata-minor = 还有你说过自己未满 18 岁；工作人员确认你已成年后就不再保留。
mydata-past =
    { $banned ->
        [yes] 还有你上次全部删除时留下的，到 { $day }为止：你在本平台编号的一个带密钥的哈希，说明你来过、这个账号不能再下单。
       *[no] 还有你上次全部删除时留下的，到 { $day }为止：你在本平台编号的一个带密钥的哈希，说明你来过。
    }

credits =
    你有 { $balance } 点。拍一组写真 { $cost } 点，做一段视频 { $clip } 点，两个人同框的 { $together } 点；没做成的点数会退回，不会过期。
price-avatar =
    做一个数字分身 { $price }，一次付清，含第一组写真，另送 { $credits } 点{ $sets ->
        [0] 。
       *[other] ，够再拍 { $sets } 组。
    }
credits-button-pack = { $credits } 点 · { $price }

erase-ask =
    要删除你的一切吗？

    照片、分身、写真、聊天进度都会删掉，密钥一起销毁，谁也恢复不了。{ $credits ->
        [0] {""}
       *[other] 剩下的 { $credits } 点也会作废。
    }先把想留的写真存好。

    { $fate ->
        [loss] 你的分身已经开工。现在删除，工作会停下，你付的 { $lost } 不退。
        [refund] 现在删除，订单取消，{ $back } 全额退给你。
        [owed] { money-owed }
       *[yes] 没有付了款还没做完的订单，所以没有要退的钱。
    }

    { $banned ->
        [yes] 会留下的：账目（按法律保留，只有编号和金额）；还有你在本平台编号的一个带密钥的哈希，保留 { $days } 天，只说明你来过、这个账号不能再下单。
       *[no] 会留下的：账目（按法律保留，只有编号和金额）；还有你在本平台编号的一个带密钥的哈希，保留 { $days } 天，只说明你来过。
    }
erase-button-yes = 全部删除
erase-button-no = 留着
erase-prompt =
    { $fate ->
        [loss] 要删就选“全部删除”：已经开工的会停下，你付的 { $lost } 不退。选“留着”，什么都不会变。
        [refund] 要删就选“全部删除”：{ $back } 全额退给你。选“留着”，什么都不会变。
       *[yes] 要删就选“全部删除”。选“留着”，什么都不会变。
    }
erase-kept = 好，什么都没有删。
erase-nothing = 你的一切已经删除，这里没有可删的了。
erase-receipt =
    删除回执
    { $day }

    · 上传的照片：{ $uploads } 张
    · 数字分身：{ $avatars } 个
    · 写真：{ $portraits } 张
    · 视频：{ $clips } 段

    密钥已销毁，上面这些和没做完的训练存下的内容，从现在起谁也打不开，文件正在抹掉。账目按法律保留，里面只有编号和金额。
    谢谢你来过。想再来，说“开始”。
erase-money =
    { $fate ->
        [loss] 已经开工的停下了，付的 { $lost } 不退。
        [refund] { $back } 正在退给你。
        [owed] { money-owed }
       *[yes] 没有付了款还没做完的订单，所以没有要退的钱。
    }
money-owed = 早先该退你的 { $owed } 还在退回，不受这件事影响。
erase-past =
    { $banned ->
        [yes] 保留到 { $day }：你在本平台编号的一个带密钥的哈希，谁也没法从它看出编号。它只说明你来过、这个账号不能再下单。
       *[no] 保留到 { $day }：你在本平台编号的一个带密钥的哈希，谁也没法从它看出编号。它只说明你来过。
    }

paysupport =
    付款遇到问题，先别重复付。

    · 付了却没动静：发 /orders 看状态，收款通知晚几分钟很常见。
    · 付重了：多出来的会自动退。
    · 没做成：全额自动退款。
    · 还没开工想取消：发 /cancel。已经开工的，自己停下不退款。

    { $stars ->
        [yes] 退款退到你的星星余额。这里的付款由本机器人负责，平台的客服帮不了。
       *[no] 退款原路退回。这里的付款由照相馆负责，平台的客服帮不了。
    }
paysupport-none =
    我这里查不到你付过款的订单。{ $staffed ->
        [yes] 如果你付过，请找工作人员，告诉对方付款时间、金额和收据上的单号。
       *[no] { "" }
    }
paysupport-button-orders = 看订单
paysupport-button-cancel = 取消或退款
