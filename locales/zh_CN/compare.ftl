# The optional consent: comparing the first portraits with the photos while they are made.
compare-ask =
    有一个问题答不答都行，怎么答都照样给你拍。
    简单说：我只比一次，看哪几张最像你，比完不留你的任何东西。

    第一组写真出来的时候，要我拿它跟你的照片比一比，把最像你的挑给你吗？

    只比一次，就在分身快做好、照片还没删的时候，在我们自己服务器的内存里比。算出来的人脸特征和分数不保存、不外传；只把像不像的程度凑满五位以上客人一起计个数，不记是谁的，好看看我们的活儿有没有变差。以后拍的写真不比。不够像的我不给，点数退你。不比的话，我就看清不清晰这些来挑。随时可以在 /privacy 里改，不影响你的分身。
compare-button-yes = 比一比
compare-button-no = 不用比
compare-yes = 好，到时候比一次，不留你的任何东西。想改主意就发 /privacy。
compare-yes-later = 好，记下了。已经开工的分身不一定赶得上，下一次做分身时一定比一次，不留你的任何东西。想改主意就发 /privacy。
compare-no = 好，写真和照片不比。想改主意就发 /privacy。
compare-off = 好，已经撤回，以后写真和照片不比了。
compare-off-begun = 好，已经撤回，以后写真和照片不比了。正在做的这个分身，比出什么都作废，第一组我不比、重新拍。
compare-privacy-ask = 要不要比一比写真和照片
compare-privacy-off = 别再比写真和照片
compare-revoke = 只撤回“比一比”，分身留着

# The other: comparing the photos of an order with each other, before they are paid for.
compare-photos-ask =
    有一个问题答不答都行，怎么答，别的都照旧。
    简单说：我只看哪几张和其余的不像，别的什么都不留。

    要我把你发来做分身的照片互相比一比，把看着不像的标出来吗？

    只在你要我比的时候、付款之前，在我们自己服务器的内存里比。算出来的人脸特征不保存、不外传；只随照片记下哪张像、哪张不像，照片删，它也删。我只标出来，拿不拿掉你说了算，我也会看错。随时可以在 /privacy 里改，改了标记就删掉。
compare-photos-yes = 好，我把你的照片互相比一比，比完告诉你。算出来的人脸特征不留。
compare-photos-noted = 好，记下了。付款前看照片拼图的时候，可以让我比一比。
compare-photos-no = 好，照片之间不比。想改主意就发 /privacy。
compare-photos-off = 好，已经撤回：照片之间不再比了，标过的也删了。
compare-photos-failed = 这次没能比成，什么都没变。你自己看一遍，或者让我再试一次。
ended-comparing =
    { $how ->
        [done] 照片已经比过了。
       *[ended] 现在没有在比对你的照片。
    }
compare-photos-privacy-ask = 要不要把我的照片互相比一比
compare-photos-privacy-off = 别再比我的照片
compare-photos-revoke = 只撤回照片之间的比对
