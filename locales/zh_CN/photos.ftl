# Sending photos: how, the running count, what is wrong with which, what is still missing.
photos-ask =
    把照片发来吧，{ $asked } 张最好，最少 { $minimum } 张。一张张发、一次发一堆都行。

    好照片是这样的：
    · 只有你一个人，脸清楚，没有被手、口罩、墨镜挡住
    · 正脸、左侧脸、右侧脸都有，近的、半身的都有
    · 神情平静或浅浅地笑，睁眼看镜头：做鬼脸也能学到五官，但写真的神情是从平静的脸学来的
    · 不同的日子、衣服、光线
    · 不要重度美颜和滤镜，不然会不像你
photos-tips =
    怎么拍最像你：

    站在窗边，脸朝着光，请人帮拍或放稳手机。神情放松，有几张浅浅地笑，看着镜头：写真的神情就从这些照片来，眨眼、鬼脸会跟着出现在写真里。先正脸，再慢慢往左转、往右转各拍几张；近一点拍脸，退一步拍半身。换件衣服、换个房间再来一遍。
    别用美颜。翻翻相册里最近一年的照片也很好，直接当“文件”发过来更清楚。
photos-tips-pictures =
    怎么拍最像你：

    站在窗边，脸朝着光，请人帮拍或放稳手机。神情放松，有几张浅浅地笑，看着镜头：写真的神情就从这些照片来，眨眼、鬼脸会跟着出现在写真里。先正脸，再慢慢往左转、往右转各拍几张；近一点拍脸，退一步拍半身。换件衣服、换个房间再来一遍。
    别用美颜。翻翻相册里最近一年的照片也很好；能选“原图”就选原图，更清楚。
photos-button-tips = 怎么拍更像
photos-button-done = 就用这些
photos-button-cancel = 取消
photos-prompt = 继续发照片就好，发完了选“就用这些”。
photos-prompt-few = 把照片发给我就好，能用的满 { $minimum } 张就能往下走。

tally-none = 还没有收到照片。
tally-head = 收到 { $sent } 张，能用的 { $accepted } 张。
tally-checking = 还有 { $count } 张正在看……
tally-held = { $count } 张我拿不准，要请工作人员看一眼，看完告诉你。
tally-held-age =
    { $count ->
        [0] 你说了自己的年龄，所以你的照片要等工作人员确认你已成年才算数。
       *[other] 你说了自己的年龄，所以这 { $count } 张要等工作人员看过才算数，现在先不用再发。
    }
tally-flaws = 没用上的：
tally-numbers = { $flaw }（第 { $numbers } 张）
tally-need = 最少要 { $minimum } 张能用的，还差 { $missing } 张。
tally-enough = 已经可以开始了。凑到 { $asked } 张会更像你，还差 { $missing } 张。
tally-full = 够啦，{ $accepted } 张，齐了。
tally-wishes = 要是还有，最缺的是：{ $wishes }。
photos-done-waits = 还有 { $checking } 张正在看。看完我会自己接着往下走。
ended-tally =
    { $how ->
        [paid] 收到 { $sent } 张，用上 { $accepted } 张。
       *[ended] 这一单不再收照片了。
    }

flaw-unreadable = { $count } 张打不开，也许没传完整：再发一次；还不行就换成 JPEG、PNG、WebP、HEIC 或 AVIF
flaw-video = { $count } 个是视频：这里只收照片
flaw-bomb = { $count } 张像素大得不正常：缩小后再发
flaw-too_small = { $count } 张太小：发原图，别发缩略图
flaw-too_narrow = { $count } 张是长条图：裁到只剩脸和肩膀
flaw-too_large = { $count } 张文件太大：压缩一下，或直接当照片发
flaw-painted = { $count } 张按标识是 AI 生成的图：请发相机拍的照片
flaw-no_face = { $count } 张没看到脸：换脸清楚、没被挡住的
flaw-several_faces = { $count } 张不止一个人：裁到只剩你，或换一张
flaw-face_too_small = { $count } 张脸太小：走近一点拍，或裁近一点
flaw-covered = { $count } 张挡住了眼睛或嘴：摘掉墨镜、口罩，脸前不要有东西
flaw-blurred = { $count } 张糊了：光亮一些，手机拿稳
flaw-duplicate = { $count } 张重复或几乎一样：换个角度、换个日子
flaw-indecent = { $count } 张不合适：请穿好衣服再拍
flaw-minor = { $count } 张看起来像未成年人：这里只收成年人的照片
flaw-taken_out = { $count } 张是你自己拿掉的
flaw-surplus = { $count } 张没有收：最多用 { $maximum } 张

wish-front = 一张正脸
wish-profile_left = 一张脸朝画面左边的侧脸
wish-profile_right = 一张脸朝画面右边的侧脸
wish-close_up = 一张近一点的脸
wish-half_body = 一张半身的

photo-unreadable = 有一张我打不开。
photo-video = 有一个是视频：我只用得上照片。
photo-bomb = 有一张的像素大得不正常，我没有打开它。
photo-too-small = 有一张太小了，看不清脸。
photo-too-narrow = 有一张是长条图，里面的脸太小了。请裁到只剩脸和肩膀。
photo-painted = 有一张带着“由 AI 生成”的标识，是画出来的图。请发相机拍的本人照片；只是修过的照片没关系。
photo-too-large = 有一张太大了，超过 { $megabytes } MB 我收不了。
photo-not-fetched = 有一张没传过来，多半是网络的问题。麻烦再发一次。
photo-before-consent = 这张照片我没有打开，也没有保存。先选要拿它做什么、点个头，再发一次。
photo-before-subject = 快了。这张我还没有打开，先选一下，选完再发一次。
photo-while-waiting = 你的分身已经在做了，照片用不上了，这张我没有收。
photo-in-studio = 你的分身已经做好，不用再发照片，这张我没有收。想让它动起来，就选“让照片动起来”；想换一批照片重做分身，就选“新分身”。
photo-before-relation = 这张照片我还没打开。先选照片上是谁，再发一次。
photo-while-erasing = 你刚才问到删除，我先不收照片。要删，还是留？

few-honest =
    说实话：能用的是 { $accepted } 张。可以做，但不到 { $asked } 张，像的程度会打一点折扣，侧脸和表情尤其明显。能再发 { $missing } 张最好；不想再发，就用这些也行。
few-button-go = 就这些，去付款
photos-too-young = 这里只给成年人做分身，而这些照片里有好些看起来像未成年人。要等工作人员看过，或者换成你成年后的照片，才能往下走。没有扣款。
photos-stated-minor = 这里只给成年人做分身，而你说自己未满 18 岁。要等工作人员看过，才能往下走。没有扣款。

# What became of one photo, at that photo.
fate-one = 1 张
fate-rejected = 没用上：第 { $number } 张{ $why }。
fate-checking = 第 { $number } 张：正在看。
fate-accepted = 第 { $number } 张能用。
fate-held = 第 { $number } 张我拿不准，要请工作人员看一眼，看完告诉你。
fate-held-age = 你说了自己的年龄，所以第 { $number } 张要等工作人员看过才算数。
fate-taken-out = 第 { $number } 张：你拿掉了。
fate-surplus = 第 { $number } 张没有收：已经够用了。

# The album of usable photos, before paying.
faces-ask =
    这些都是你本人吗？能用的有 { $count } 张，编号是发来的先后。
    里面要是有别人，付款前把那张拿掉。这张拼图是刚刚拼的，我不留底。只要聊天软件允许，等你付了款或取消了，我就把它从聊天里撤掉；不允许的话，它会留到你自己删掉为止。
faces-ask-typed =
    这些都是你本人吗？能用的有 { $count } 张，编号是发来的先后。
    里面要是有别人，付款前回复“拿掉 3 和 7”。这张拼图是刚刚拼的，我不留底。只要聊天软件允许，等你付了款或取消了，我就把它从聊天里撤掉；不允许的话，它会留到你自己删掉为止。
faces-pick = 哪几张不是你？选下面的编号，或者直接打出来，比如“3、7”。拿掉的马上抹掉。
faces-pick-typed = 哪几张不是你？回复“拿掉 3 和 7”，换成它们的编号。拿掉的马上抹掉。
faces-alt = { $count } 张照片的编号拼图
faces-button-out = 有的不是我
faces-button-done = 都是我
faces-button-compare = 帮我比一比
faces-button-again = 再比一次
faces-button-marked = 拿掉有标记的
faces-button-rest = 没标记的才不是我
faces-button-keep = 留着，都是我
faces-comparing = 正在把这些照片互相比一比，比完告诉你。
faces-alike = 这些照片互相比过了，没有看着不像的。我也会看错。
faces-marked =
    { $two ->
        [yes] 看着不止一个人：第 { $numbers } 张（共 { $count } 张）和其余的不像，已标出。哪些是你，我没法知道：把不是你的拿掉吧。
       *[no] 第 { $numbers } 张（共 { $count } 张）看着和其余的不像，已标出。我也会看错。要拿掉吗？
    }
faces-unclear = 第 { $numbers } 张里没找到能比的脸。
faces-left-out = 还有 { $count } 张没有比。
faces-taken = 第 { $numbers } 张拿掉了，正在抹掉留存（共 { $count } 张）。
faces-turned = 有 { $count } 张原本没摆正，我转正了：第 { $numbers } 张。
faces-unknown = 能用的照片里没有这个编号。
ended-album = 照片拼图已经收起来了。
ended-step = 这一步已经过去了。
ended-taken = 你拿掉的照片不会用。
