# Said in Telegram alone.
telegram-private-only = 초상 사진을 다른 사람이 볼 수 없도록 1:1 대화에서만 이용하실 수 있어요. 저에게 직접 메시지를 보내 주세요.
