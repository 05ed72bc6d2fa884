# The studio: styles, portraits, more like me, more beautiful, the avatar.
studio =
    你的分身做好了，想拍什么？拍一组写真（{ $portraits } 张）{ $cost } 点，你有 { $balance } 点。
studio-prompt = 挑个风格接着拍，或者给上一组换个表情，让它更像你、更好看。
studio-button-styles = 挑风格
studio-button-avatar = 我的分身
studio-button-credits = 点数
studio-button-new = 新分身

styles-page = 风格（第 { $page } 页，共 { $pages } 页）。选中就拍，每组 { $cost } 点：
styles-not-shown =
    还有这些，我现在画不好，要等换上更大的模型：{ $names }。做不好的先不卖。
firsts-page = 第一组写真拍哪种风格？（第 { $page } 页，共 { $pages } 页）哪种都不另收钱：
first-chosen = 好，第一组写真就拍“{ $style }”。
first-not-shown = “{ $style }”我现在画不好，要等换上更大的模型，第一组先挑别的吧。
first-not-suited = “{ $style }”和你选的女、男或都不是对不上，第一组先挑别的吧。
first-button-others = 第一组换个风格
style-button-shoot = 拍这一组 · { $cost } 点
styles-button-next = 下一页
styles-button-previous = 上一页
style-not-shown =
    “{ $style }”我现在画不好，要等换上更大的模型，所以先不收你点数。换一个试试？

shoot-queued =
    { $ahead ->
        [halted] “{ $style }”排上了，预扣 { $credits } 点，还剩 { $balance } 点。
        [0] “{ $style }”开拍，预扣 { $credits } 点，还剩 { $balance } 点。
       *[other] “{ $style }”排上了，前面还有 { $ahead } 组；预扣 { $credits } 点，还剩 { $balance } 点。
    }
ended-shoot =
    { $how ->
        [done] 这组写真拍好了。
        [failed] 这组写真没有拍成。
       *[cancelled] 这组写真已取消。
    }
shoot-working = 正在拍“{ $style }”：{ $percent }。
shoot-offer = 再拍一组“{ $style }”（{ $portraits } 张）要 { $cost } 点，你有 { $balance } 点。要拍吗？
shoot-already = “{ $style }”这一组正在拍，等它出来再选。没有多扣。
shoot-one-expression = “{ $style }”只有一种表情，没有别的可换。没有扣点。
shoot-liker = 好，分身强度 { $strength_before } → { $strength }（最高 { $top }），修饰 { $beauty_before } → { $beauty }，以后都按这个来。
shoot-fairer = 好，修饰 { $beauty_before } → { $beauty }，分身强度 { $strength_before } → { $strength }（最高 { $top }），以后都按这个来。
# Below portraits: what a button does to both numbers.
shoot-next = 下一步选“{ $label }”：分身强度 { $strength }（最高 { $top }），修饰 { $beauty }。
shoot-expression =
    接下来{ $expression ->
        [neutral] 是平静的样子。
        [smile] 笑起来。
       *[soft_smile] 是浅浅的笑。
    }

portraits = { $style }。分身强度 { $strength }（最高 { $top }），修饰 { $beauty }。
portraits-first =
    第一组写真：{ $style }。分身强度 { $strength }（最高 { $top }），轻轻修饰过（{ $beauty }）。不够像就选“更像我”，可以一直选到顶；想再修一点就选“更好看”。
portraits-fewer = 对不起，这组 { $asked } 张里只有 { $came } 张过了我自己的检查，其余的不够好，没有给你。少的那部分退回 { $credits } 点。
portraits-button-more = 更像我
portraits-button-fairer = 更好看
portraits-button-again = 再来一组
portraits-button-expression = 换个表情
button-cost = { $label } · { $cost } 点
portraits-button-styles = 换风格
portraits-button-originals = 原图文件
portraits-button-originals-pictures = 再看这一组
portraits-button-alive = 让它动起来
portraits-button-share = 分享
portraits-button-avatar = 我的分身
portraits-button-album = 打开我的相册
portraits-alt = { $style }，第 { $number } 张
originals = 原图文件，{ $width } × { $height } 像素，带着法律要求的“AI 生成”标识，请别去掉。它们是你的。
originals-pictures = 这一组写真，{ $width } × { $height } 像素，带着法律要求的“AI 生成”标识，请别去掉。它们是你的。
album-link = 全部写真和原图在相册里：{ $url }
album-more = 还有 { $count } 张没发出来，回复“{ $word }”看整组。
album-rest = 还有 { $count } 张没发在这里，都在相册里。
sets-last = 下面的选项说的是最后那一组。
pictures-missing = 图片这会儿发不出来，过一会儿再试一次。
originals-none = 还没有写真可以下载。
preview-alt = 样片：{ $style }

avatar-card =
    你的数字分身
    做成日期：{ $day }
    学了 { $steps } 步，用时 { $span }
    分身强度：{ $strength }（最高 { $top }；拍的时候用几分分身，是可以调的）
    修饰：{ $beauty }
    拍过的写真：{ $portraits } 张
avatar-none = 你还没有分身。从照片开始，我陪你走一遍。
new-ask =
    做一个新分身，要重新发照片、重新付 { $price }。现在的分身先留着，新的做好了就用新的。
new-button-yes = 好，重新做
new-already = 你已经有一个正在进行的订单，先把它走完或者取消。
