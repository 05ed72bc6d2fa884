# What happens to the photos, the two consents, and the word for the person.
terms =
    照片会被怎么对待，说白话：

    · 只收成年人的、你本人的照片。
    · 照片只用来做你的数字分身，不做别的，也不拿去训练别的模型。
    · 加密保存。分身一做好就删；没做成、你取消、或者放了 { $hours } 小时没付款，也删。删完给你一张回执。
    · 我会找出脸在哪儿，只为裁剪和数人数；不保存五官关键点，也不保存人脸特征。
    · 除了你，没人看得到你的照片、分身和写真。只有一个例外：系统拿不准某张照片该不该收时，会请一位工作人员看那一张。
    · 写真归你。发不发、发给谁，你说了算。
    · 法律要求：每张写真都带“AI 生成”的标识，请别去掉。
    · 写真会像你，但过不了刷脸验证，也请别这么用。不做换脸。
    · 做失败了，全额自动退款；拍失败了，点数退回。
    · 随时 /erase 全部删除。

    这些可以吗？
terms-button-yes = 可以，我已成年
terms-button-no = 不同意
terms-button-privacy = 隐私说明
terms-agreed = 这些条款你已经同意了（版本 { $version }）。
terms-declined = 没问题，那我什么都不收、什么都不存。哪天想好了，点下面再看一遍就行。
terms-button-again = 再看一遍
terms-nudge = 看完上面的条款，点“可以”就继续；不想继续就点“不同意”。

training-ask =
    还有一件事要单独问你，因为这是关于你的脸：

    同意我用你发来的照片，训练一个只属于你的数字分身吗？

    不同意也没关系，只是那样就做不了分身。以后随时能用 /revoke 撤回：没做完的会停下，做好的分身会删掉。
training-button-yes = 同意做我的分身
training-button-no = 先不要
training-declined = 好，那我先不收照片。想好了随时点下面。
training-button-again = 我再想想
training-nudge = 只差这一个单独的同意，就可以发照片了。

privacy =
    隐私说明

    我存的：你在本平台的编号、语言、同意记录、订单和账目。不存你的名字，不存你打的字。
    照片：每个订单一把单独的密钥加密。分身做好，钥匙和照片一起销毁。
    分身和写真：加密保存，直到你删除。
    账目：法律要求留账，只有编号和金额，没有你是谁。
    谁在处理：我们自己的机器，不交给别家。
    你的权利：/mydata 看我存了什么，/erase 全部删除，/revoke 撤回同意。
privacy-button-terms = 照片怎么处理

subject-ask =
    接下来怎么称呼照片里的你？只影响画法和先给你看哪些风格。
subject-button-woman = 女
subject-button-man = 男
subject-button-person = 都不是 / 不想说
subject-nudge = 选一个就好，选完马上可以发照片。

revoke-ask =
    要撤回“用照片做分身”的同意吗？

    撤回以后：还没付款的订单取消，照片删除；已付款没做完的停下并全额退款；做好的分身和它拍的写真也会删掉，找不回来。先把想留的写真存好。
revoke-button-yes = 撤回并删除
revoke-button-no = 保留
revoke-kept = 好，一切照旧。
revoke-done = 已经撤回。你的照片和分身我不再使用，正在删除。哪天改了主意，可以重新同意。
revoke-none = 你现在没有给过这个同意，没有可撤回的。
