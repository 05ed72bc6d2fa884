# /verify：文件的标识能证明什么；在聊天里、/verify 页面上和命令行里说。
verify-ask =
    把图片或视频发给我，我告诉你它是不是我们做的、之后有没有被改过。我只读它的标识，不看别的，也什么都不留。

    请以“文件”发送，不要当“照片”或“视频”发：聊天软件会重新压缩，标识就没了。
verify-ask-pictures =
    把图片发给我，我告诉你它是不是我们做的、之后有没有被改过。我只读它的标识，不看别的，也什么都不留。

    聊天里发的照片会被重新压缩，标识多半就没了。手上有原文件的话，在这里查最准：{ $page }
verify-button-again = 再查一个文件

verify-ours = 是的：这个文件是我们做的。交给客人之后，画面和标识的内容都没有改动。
verify-changed = 这个文件带有我们的标识，但标识和文件对不上：要么是我们签名之后文件被改过，要么是标识从我们的另一个文件搬来的。所以你看到的画面，什么也没有得到证明。
verify-made-for = 这个标识原本是为它做的：
verify-claimed = 这个文件自称是我们做的，但没有我们的签名能证明。这样的标识谁都能写，只能当作一种说法。
verify-others = 这个文件有标识，但不是我们的。它说得对不对，我无从判断。
verify-none =
    没有我能读的标识。这什么也证明不了：聊天软件压缩照片和视频时会去掉标识，任何人也都能去掉。它可能是我们做的，也可能不是。
verify-states-painted = 它的标识声明：由 AI 生成。
verify-states-retouched = 它的标识声明：真实内容，经 AI 修改。
verify-kind-portrait = 本照相馆的写真
verify-kind-sample = 分身训练中的样片
verify-kind-preview = 某个风格的示例图
verify-kind-sheet = 一张小样拼版
verify-kind-clip = 本照相馆的视频
verify-kind-poster = 本照相馆视频的一帧画面
verify-kind-together = 本照相馆放进同一个画面的两张照片
verify-painted = 由 Eider 绘制：整幅由 AI 生成
verify-retouched = 由 Eider 修饰：一部分由 AI 生成
verify-moved = 由 Eider 让照片动起来：照片是真的，动作并没有被拍到过
verify-day = 制作日期：{ $day }
verify-whose = 它是谁的，我对谁都不说。
verify-unreadable = 这个文件我读不了。我能查 JPEG、PNG、WebP、AVIF 和 HEIC 图片，以及 MP4 和 MOV 视频。
verify-too-large = 这个文件太大了：最大 { $megabytes } MB。

verify-page-title = 这张图片或视频是 Eider 做的吗？
verify-page-about = 请选择你收到的原文件。我读它的标识，告诉你是不是我们做的、之后有没有被改过。文件不会保留，它是谁的我对谁都不说。
verify-page-choose = 图片或视频
verify-page-button = 查验
verify-page-busy = 正在查验……
verify-page-trouble = 这次没成功，请稍后再试。
verify-page-wait = 文件太多了，请过 { $wait }再试。
