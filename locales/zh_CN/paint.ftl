# 用自己的话画图：听懂了什么、没听懂什么、价钱、点头。
paint-button = 按我的话画
paint-title = 你自己的话
paint-ask =
    用你自己的话说说要画什么：表情、光线、背景、画风都行。花点数之前，我先告诉你哪些词我认识，哪些不认识。

    听懂的部分加密存着，方便你再画一次，最迟到你全部删除时为止；没有下单的，{ $hours } 小时内忘掉。不画裸露，不画未成年人，不画暴力，也不画名人。
paint-prompt = 说说要画什么，或者从下面挑一个。
paint-prompt-heard = 等你点头就开画，也可以换个说法。
paint-example-1 = 微笑，黑白
paint-example-2 = 水彩画，蓝色背景
paint-example-3 = 沉思，霓虹灯光
paint-example-4 = 老照片，特写
paint-of-you = 画的是你，用你的分身。
paint-of-nobody = 你还没有分身，所以画的是一个并不存在的人。
paint-heard = 我认识：{ $words }。
paint-heard-whole = 整句话都照你写的画。
paint-unknown =
    { $count ->
       *[other] 这些我不认识，画不出来，会略过：{ $words }。
    }
paint-left-out =
    { $count ->
       *[other] 我一次只记得住 { $count } 个词，这些先略过：{ $words }。
    }
paint-price =
    { $credits ->
       *[other] 画 { $pictures } 张要 { $credits } 点，你有 { $balance } 点。
    }
paint-button-order =
    { $credits ->
       *[other] 就这样画 · { $credits } 点
    }
paint-button-other = 换个说法
paint-nothing =
    { $count ->
        [0] 这里面没有我能画的内容。没有扣点。
       *[other] 这些词我还不认识：{ $words }。没有能画的内容，也没有扣点。
    }
paint-too-long = 一次说得太多了：我最多读 { $most } 个字。请说短些，我才能把每个词认不认识都告诉你。没有扣点。
paint-blocked = 这个我不画。{ $why }没有扣点，你说的也没有留下。
paint-blocked-sexual = 我的画里没有裸露，也没有色情。
paint-blocked-minors = 我只画成年人。
paint-blocked-violence = 我不画暴力。
paint-blocked-hate = 我不画宣扬仇恨或恐怖的东西。
paint-blocked-deception = 我不画用来骗人的东西：不画证件，也不画制服。
paint-blocked-persons = 我画你，或者画一个并不存在的人，不画名人：他们没有同意过。
paint-terms-first = 乐意。先看条款；看完请再说一遍要画什么，刚才那句我没有留。
paint-painted = 这个已经画过了，没有多扣。可以照着再来一组。
paint-left = 好，先不画。
paint-left-words = 好，你说的我忘掉了，没有扣点。
paint-nobody-to-be-like = 这组画的是并不存在的人，谈不上更像谁。没有扣点。
portraits-nobody = { $style }。画里的人并不存在。
photo-while-wishing = 我在等你说要画什么，这张照片还没打开。
command-paint = 用自己的话画图
paint-then-moves =
    { $credits ->
       *[other] 先画图。图出来以后在下面选“让它动起来”：视频另要 { $credits } 点，第一段送你的话不要。
    }
