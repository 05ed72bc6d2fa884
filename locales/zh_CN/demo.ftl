# 终端里的演示：气泡之间的文字。
demo-title = 绒鸭 · 一位顾客的全程
demo-starting = 正在开一家新的照相馆：存储、网页、信使和两个工人…
demo-no-photos = { $folder } 里没有照片。
demo-failed = 流程中断了，原因见 { $folder }。
demo-comparing = 正在用同样的模板和种子、不加 LoRA 再画一遍，以供对比…
demo-not-compared = 对比图没能画出来，原因见 { $file }。
demo-done = 全程结束
demo-looked = 实地查看：剩余上传照片与训练存档 { $uploads }；账目合计 { $books }。
demo-saved = 写真和 { $sheet } 已存到 { $folder }。
demo-open = 照相馆还开着，用你自己的照片试试：{ $address }
demo-stop = 按 Ctrl-C 关门。
demo-sheet-photos = 顾客发来的照片（部分）
demo-sheet-portraits = 写真
demo-sheet-expressions = 换个表情
demo-sheet-liker = 更像我
demo-sheet-base = 同样的画面，不加顾客的 LoRA
