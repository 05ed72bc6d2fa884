# A photo or a portrait comes alive: who is on it, the photo, how it moves, the clip.
alive-button = 让照片动起来
alive-ask =
    让照片动起来之前，先问一句：照片上是谁？

    · 你自己；
    · 在世的人，而且 TA 同意这样做；
    · 已经过世的人，是你亲近的人。
    照片上有几个人，就要对每个人都成立。只收成年人的照片；我拿不准的，工作人员只看这一张。

    照片会怎样：加密存放；我在内存里找到脸，让它动，脸上的点位马上就忘掉。旧照片会先修一修。视频做好、没做成、你改了主意，或者过了 { $hours } 小时，照片和它的密钥都会删掉。
    我只动脸和镜头，别的都不做：不配声音，不替任何人说话，不换脸。视频带“AI 生成”标识，请别去掉。

    在下面选一个，就是你对这件事的同意。随时可以发 /revoke 撤回：没做完的会停下，照片会删掉。
alive-who-self = 是我自己
alive-who-living = 在世的人，TA 同意了
alive-who-dead = 已经过世的人
alive-prompt = 先选照片上是谁，选了就是你的同意。
alive-portrait-ask =
    让这张写真动起来？我在内存里找到脸，让它动，脸上的点位马上就忘掉。我只动脸和镜头，别的都不做：不配声音，不替你说话。视频带“AI 生成”标识，请别去掉。

    你点头，就是对这件事的同意。随时可以发 /revoke 撤回。
alive-portrait-prompt = 就差你一句可以或不可以，写真就能动起来。
alive-portrait-yes = 好，让它动起来
alive-button-leave = 不弄了
alive-button-on = 接着来
alive-send-self = 现在发一张你自己的照片。脸要清楚，朝着镜头。旧的、有划痕的都行，合影也行。
alive-send-living = 现在发一张 TA 的照片。脸要清楚，朝着镜头。旧的、有划痕的都行，合影也行。
alive-send-dead = 现在发一张 TA 的照片。脸要清楚，朝着镜头。要是老照片，光线均匀的时候从正上方翻拍就行，纸边和直的划痕我来处理，弯弯曲曲的裂痕和撕口修不了。
alive-prompt-photo = 发一张照片来，就让它动起来。
alive-looking = 正在看这张照片，几秒钟就好。
alive-one-photo = 一次一张：我收了第一张，这张没有打开。
alive-waits-photo = 刚才说要让照片动起来，直接把照片发来就行。
alive-waits = 你有一张照片等着动起来，去选怎么动？
alive-left = 好，先不弄了。
alive-left-photo =
    { $count ->
        [2] 好，两张照片都在删除。
       *[other] 好，照片正在删除。
    }
alive-withdrawn =
    { $count ->
        [0] 已经撤回对“让照片动起来”的同意。没有做到一半的。做好的视频留着，直到你删除。
       *[other] 已经撤回对“让照片动起来”的同意。没做完的停下了，照片正在删除，预扣的点数退回了。做好的视频留着，直到你删除。
    }
alive-revoke = 撤回对“让照片动起来”的同意
alive-which = 让哪一张动起来？按上面相册里的顺序数。
alive-nothing = 已经没有等着的照片了。再发一张，就能动起来。

motions-ask = 想让它怎么动？字母对着样片里的字母。
motions-gift = 第一段视频送你。
motions-price = 这段视频 { $credits } 点，你有 { $balance } 点。
motions-camera-only = { $why }所以脸不动，镜头可以动。
motions-alt = 样片：每一种动法，并排放着

film-queued =
    “{ $motion }”{ $ahead ->
        [halted] 排上了，
        [0] 开始做了，
       *[other] 排上了，前面还有 { $ahead } 段，
    }{ $gift ->
        [yes] 这段是送你的。
       *[no] 预扣 { $credits } 点。
    }
ended-clip =
    { $how ->
        [done] 这段视频做好了。
        [failed] 这段视频没有做成。
       *[cancelled] 这段视频已取消。
    }
ended-source =
    { $how ->
        [seen] 这张照片看完了。
       *[left] 这张照片先放下了。
    }
film-working = “{ $motion }”正在动起来：{ $percent }。

source-ready =
    { $faces ->
        [0] 会动的就是这张。
        [1] 会动的就是这张，里面有一张脸。
       *[other] 会动的就是这张，里面的 { $faces } 张脸会一起动。
    }
source-mended = 左边是原样，修过的地方：{ $done }。
source-mended-not = 不直的裂痕、撕口和缺角修不了，还是原样。
source-alt-before = 照片原来的样子
source-alt-after = 会动的那张
mended-turned = 转正了
mended-straightened = 扶正了
mended-cropped = 裁掉了纸边
mended-scratches = 淡化了划痕
mended-noise = 淡化了噪点
mended-fading = 褪色的明暗拉开了
mended-enlarged = 放大了
source-held = 这张我拿不准，要请工作人员先看一眼，看完告诉你。没有扣点。
source-refused = { $why }照片已经删掉，没有扣点。
source-unreadable = 这张照片我看不了。
source-crowd = 照片上的人太多，没法确认每个人都同意。
source-indecent = 这张照片不合适，我不能让它动。
source-minor = 照片上有人看起来像未成年人，我只动成年人的照片。
source-photo-unreadable = 这张我打不开。
source-photo-video = 这是视频，我要的是照片。
source-photo-bomb = 这张的像素多得离谱，我没有打开。
source-photo-too-small = 这张太小了，看不清脸。
source-photo-too-narrow = 这张是长条图，里面的脸太小了。请裁到只剩脸和肩膀。
source-photo-painted = 这张带着 AI 生成的标识，是画出来的图。请发相机拍的照片；只修过的也可以。
source-photo-too-large = 这张太大了，超过 { $megabytes } MB 我收不了。
source-broken = 是我这边出了问题。
source-late = 一直没有机器空出来做它。
source-no_face = 照片里没找到脸。
source-face_too_small = 照片里的脸太小，动起来不好看。
source-profile = 脸侧得太多，动起来不好看。
source-covered = 眼睛或嘴被挡住了。
source-face_cut_off = 脸被照片的边切掉了一块。
source-erased =
    { $count ->
        [2] 删除回执：要动起来的两张照片已经抹掉，密钥也销毁了，谁也恢复不了。
       *[other] 删除回执：要动起来的那张照片已经抹掉，密钥也销毁了，谁也恢复不了。
    }

clip-ready = “{ $motion }”，是你的了。“AI 生成”的标识请别去掉。
clip-ready-erased =
    “{ $motion }”，是你的了。“AI 生成”的标识请别去掉。{ $count ->
        [2] 回执：你发来的两张照片，密钥已经销毁，谁也打不开了。
       *[other] 回执：你发来的照片，密钥已经销毁，谁也打不开了。
    }
clip-failed =
    对不起，没做成。{ $why }{ $back ->
        [gift] 送你的那一段还留着。
       *[credits] { $credits } 点已经退回。
    }
clip-stopped =
    “{ $motion }”停下了，不再做这段视频。{ $back ->
        [gift] 送你的那一段还给你留着。
       *[credits] { $credits } 点已经退回。
    }
clip-stop-late = “{ $motion }”已经开始制作，停不下来了。
clip-photo-erased =
    { $count ->
        [2] 回执：你发来的两张照片，密钥已经销毁，谁也打不开了。
       *[other] 回执：你发来的照片，密钥已经销毁，谁也打不开了。
    }
clip-button-again = 换个动法
clip-button-photo = 换张照片
clip-button-file = 原文件
clip-button-file-pictures = 再放一遍
clip-button-share = 分享
clip-file = 原文件，带着法律要求的“AI 生成”标识，请别去掉。
clip-file-pictures = 这段视频，带着法律要求的“AI 生成”标识，请别去掉。
clip-alt = 视频：{ $motion }
clip-none = 还没有视频。
clip-in-album = 视频在相册里放：{ $url }
clip-not-sent = 视频没发出来，回复“{ $word }”再要一次。
share-clip-caption = 绒鸭让照片动起来 · AI 生成

# Two pictures in one frame: who comes beside, their photo.
together-button = 和另一个人同框
together-begin = 两个人同框：先来其中一位的照片。我看过以后，选“和另一个人同框”，再发另一位的。
together-button-alone = 还是一个人
together-ask =
    两个人放进同一个画面，头轻轻靠向对方：这张里的人，加上另一张照片里的人。另一位是谁？

    要求和第一张一样：是你自己，或者本人同意，或者是你亲近的、已经过世的人；只收成年人。那张照片同样先看、先修，加密存放；视频做好、没做成、你改了主意，或者过了 { $hours } 小时，就连密钥一起删掉。各人是各人的脸。

    在下面选一个，就是你对这件事的同意。随时可以发 /revoke 撤回。
together-prompt = 先选另一位是谁，选了就是你的同意。
together-send-self = 现在发要放在旁边的那张你自己的照片。脸要清楚，朝着镜头，四周留点地方。
together-send-living = 现在发另一位的照片。脸要清楚，朝着镜头，四周留点地方。
together-send-dead = 现在发另一位的照片。脸要清楚，朝着镜头，四周留点地方。要是老照片，从正上方翻拍就行。
together-prompt-photo = 发另一位的照片来，或者就让第一张自己动。
together-ready = 两个人同框了，动起来的时候头会轻轻靠向对方。
together-alt = 两张照片放在同一个画面里
together-refused = { $why }回执：这第二张照片的密钥已经销毁，谁也打不开了。第一张还在，没有扣点。
source-no_room_beside = 第一张里脸的四周太挤，旁边放不下人，就让它自己动。

# 视频模型生成的片子，运营者卖的时候才有。
generated-button = 改用生成的
generated-ask = 这里由视频模型照着你的图把每一帧重新画出来：动得更多，但有些地方是编出来的，脸、手和周围可能和原来不一样。没有声音，没有台词，“AI 生成”标识照样留着。在下面选一个，就是你对这张图这样做的同意。
generated-price =
    { $credits ->
       *[other] 生成一段要 { $credits } 点，你有 { $balance } 点。做不出来，点数全部退回。
    }
generated-wait =
    { $known ->
        [no-worker] 现在没有机器在做这件事，说不准什么时候能做好。
        [no] 最近做得还不够多，说不准要多久。
       *[yes] 现在下单，大概要 { $span }。
    }
generated-button-back = 只让原图动
generated-on-the-way = 这一段是生成的，有些地方会是编出来的。
generated-made = 这一段是生成的，有些地方是编出来的。
