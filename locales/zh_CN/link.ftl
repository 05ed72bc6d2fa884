# 用一次性的码把同一个人的两个聊天连起来，以及分开。
channel-telegram = Telegram
channel-wechat = 微信
channel-playground = 网页

# A chat of somebody who has linked several: as one where they are not, another on the same
# platform, and that where this is read.
chat-on = { $channel }上的一个聊天
chat-other = 你的另一个{ $channel }聊天
chat-other-since = 你的另一个{ $channel }聊天（{ $day }在那里说过话）
chat-here = 这个{ $channel }聊天

command-link = 把我的几个聊天连成一个账号
command-unlink = 分开已连接的聊天

link-intro =
    你也在别的聊天里用我吗？连起来就是一个账号：分身、写真、点数、语言两边都一样。

    在其中一个聊天里点“显示连接码”，在另一个里发 /link，再输入那个码。如果另一个聊天已经显示了码，现在就可以在这里输入。

    你看完会发生什么、并且点了同意之前，什么都不会连。
link-intro-typed =
    你也在别的聊天里用我吗？连起来就是一个账号：分身、写真、点数、语言两边都一样。

    在其中一个聊天里选“显示连接码”，在另一个里发 /link，再输入那个码。如果另一个聊天已经显示了码，现在就可以在这里输入。

    你看完会发生什么、并且同意之前，什么都不会连。
link-button-show = 显示连接码
link-button-cancel = 算了
link-prompt = 输入另一个聊天显示的码（{ $length } 个字母和数字），或者点按钮，在这里拿一个。
link-prompt-typed = 输入另一个聊天显示的码（{ $length } 个字母和数字），或者选“显示连接码”，在这里拿一个。
link-code =
    { $code }

    在你跟我的另一个聊天里发 /link，再发这个码

    只能用一次，{ $wait }内有效；之前的码作废。别给任何人看：谁输入它并且同意，就和你共用账号。
link-code-typed =
    { $code }

    在你跟我的另一个聊天里发：绑定 { $code }

    只能用一次，{ $wait }内有效；之前的码作废。别给任何人看：谁输入它并且同意，就和你共用账号。
link-ask =
    把这个聊天和显示这个码的那个聊天（{ $channel }）连起来吗？

    · 你在这里的和在那边的合成一个账号：{ $avatars } 个做好的分身、{ $credits } 点、写真和订单。什么都不会删。之后两个聊天都能看到、使用和删除全部内容。
    · 语言以那边选的为准；那边没选过，就用这里选的。
    · 文字相同的同意，两边都算数。文字改过的，或者你后来在任何一边撤回过的，我会再问一次。
    · 消息发到你最后说话的那个聊天。退款原路退回。
    · 要是其中一个聊天邀请过另一个，那次邀请得到的点数会收回。还没到的邀请点数，如果另一个聊天已经买过分身，就作废。
    · 发 /unlink 可以再分开。到时候一切留在其中一边，另一边从头开始。

    只有两个聊天都属于你本人，才可以同意。
link-ask-prompt = 要连接，点“同意，都是我的”；要保持原样，点“不连”。
link-ask-prompt-typed = 要连接，选“同意，都是我的”；要保持原样，选“不连”。
link-button-yes = 同意，都是我的
link-button-no = 不连
link-kept = 好，什么都没有连。
link-done = 连好了：这个聊天和{ $chats }现在是一个账号。发 /unlink 可以再分开。
link-wrong = 这个码不能用。码只能用一次，时间很短，而且要在显示它的聊天以外的聊天里输入。你还可以试 { $left } 次。
link-closed = 不能用的码输入太多了。为了你的安全，{ $wait }内我不再看任何码。
link-moderator = 管理员的聊天不能连接：管理权限只属于一个聊天。
photo-while-linking = 这张照片我没有收：我在等连接码，或者等你回答要不要连接。

unlink-none = 这个聊天没有和别的聊天连接。
unlink-ask =
    已连接的聊天：{ $chats }。

    · “这个聊天离开”：分身、写真、点数、订单全部留在其他聊天里，这个聊天从头开始。
    · “其他聊天离开”：全部留在这里，其他聊天各自从头开始。

    从头开始的不算新朋友，邀请不会再得点数。退款仍然原路退回。已经发到某个聊天里的内容，在那里还看得到。
unlink-button-here = 这个聊天离开
unlink-button-others = 其他聊天离开
unlink-button-no = 保持连接
unlink-kept = 好，聊天保持连接。
unlink-done-here = 好了。这个聊天已经断开，从头开始；一切都留在其他聊天里。
unlink-done-others = 好了。其他聊天已经断开，从头开始；一切都留在这里。

news-linked = 这个聊天和{ $chat }现在是一个账号：有人用连接码连起来了。如果不是你，请马上分开。
news-unlinked = { $chat }已经和这里断开。一切都留在这里。
news-parted = 这个聊天已经和你的其他聊天断开。一切都留在那边，这个聊天从头开始。
news-chat-erased = 又看了一遍：只为这个聊天存的，已经一样不剩。你在其他聊天里的东西不受影响。

mydata-button-link = 连接我的聊天
mydata-button-unlink = 已连接的聊天
mydata-linked =
    你的聊天已经连接：{ $chats }。上面的内容在每个聊天里都一样。每个聊天我存着你在那里的编号、你上次从别处来到那里的时间，以及款是从哪个聊天付的。

erase-linked = 你的聊天是连接的（{ $chats }）。“全部删除”会在所有聊天里删掉。“只忘掉这个聊天”只忘掉这里：分身、写真、点数、订单都留在其他聊天里，订单也不会停。删除后要留的哈希，被删的每个聊天各留一个。
erase-button-chat = 只忘掉这个聊天
erase-chat-receipt =
    删除回执
    { $day }

    我已经忘掉这个聊天：它不再和任何聊天连接，只为它存的内容都删了。你的分身、写真、点数、订单留在你的其他聊天里。
    想在这里重新来过，说“开始”。

error-too-many-codes = 连接码要得或者输入得太多了。{ $wait }后可以继续。
error-link-expired = 这个码不能用了：时间过了，或者已经用过。什么都没有连；发 /link 再拿一个。
error-two-orders-open = 两个聊天里都有进行中的分身订单，而一个账号同时只能有一个。先完成其中一个，或者在它的聊天里发 /cancel 取消，再来连接。现在什么都没有连。
error-too-many-chats = 连接的聊天太多了，最多 { $maximum } 个。什么都没有连。
