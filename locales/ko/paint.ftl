# 내 말로 그리기: 알아들은 것, 못 알아들은 것, 값, 그리고 동의.
paint-button = 내 말대로 그리기
paint-title = 내가 한 말
paint-ask =
    무엇을 그릴지 편하게 말해 주세요. 표정, 빛, 배경, 화풍 모두 좋아요. 크레딧을 쓰기 전에 어떤 말은 알고 어떤 말은 모르는지 먼저 알려 드려요.

    알아들은 내용은 다시 그릴 수 있도록 암호화해 두고, 늦어도 모두 삭제하실 때까지만 보관해요. 주문하지 않으신 것은 { $hours }시간 안에 잊어요. 노출, 미성년자, 폭력, 유명인은 그리지 않아요.
paint-prompt = 무엇을 그릴지 말해 주시거나, 아래에서 골라 주세요.
paint-prompt-heard = 그리자고 하시면 시작해요. 다르게 말씀하셔도 좋아요.
paint-example-1 = 미소, 흑백
paint-example-2 = 수채화, 파란 배경
paint-example-3 = 생각에 잠긴, 네온
paint-example-4 = 세피아, 클로즈업
paint-of-you = 아바타로 본인을 그려요.
paint-of-nobody = 아직 아바타가 없어서, 세상에 없는 사람을 그려요.
paint-heard = 아는 말: { $words }.
paint-heard-whole = 쓰신 문장 그대로 그려요.
paint-unknown =
    { $count ->
       *[other] 모르는 말이라 빼고 그려요: { $words }.
    }
paint-left-out =
    { $count ->
       *[other] 한 번에 { $count }개까지만 기억할 수 있어서 이건 빼요: { $words }.
    }
paint-price =
    { $credits ->
       *[other] { $pictures }장에 { $credits }크레딧이에요. 지금 { $balance }크레딧이 있어요.
    }
paint-button-order =
    { $credits ->
       *[other] 이대로 그리기 · { $credits }크레딧
    }
paint-button-other = 다르게 말하기
paint-nothing =
    { $count ->
        [0] 그릴 수 있는 말을 찾지 못했어요. 크레딧은 쓰지 않았어요.
       *[other] 아직 모르는 말이에요: { $words }. 그릴 것이 없어서 크레딧은 쓰지 않았어요.
    }
paint-too-long = 한 번에 너무 길어요. { $most }자까지 읽을 수 있어요. 짧게 말씀해 주시면 낱말마다 아는 말인지 알려 드릴 수 있어요. 크레딧은 쓰지 않았어요.
paint-blocked = 그건 그리지 않아요. { $why } 크레딧은 쓰지 않았고, 말씀도 남기지 않았어요.
paint-blocked-sexual = 노출이나 성적인 것은 그리지 않아요.
paint-blocked-minors = 성인만 그려요.
paint-blocked-violence = 폭력은 그리지 않아요.
paint-blocked-hate = 혐오나 테러를 나타내는 것은 그리지 않아요.
paint-blocked-deception = 남을 속이는 데 쓰이는 것은 그리지 않아요. 신분증도 제복도요.
paint-blocked-persons = 본인이나 세상에 없는 사람은 그리지만, 유명인은 동의하지 않았으니 그리지 않아요.
paint-terms-first = 기꺼이요. 먼저 약관을 봐 주세요. 방금 하신 말씀은 남기지 않았으니, 그다음에 한 번 더 말해 주세요.
paint-painted = 이미 그렸어요. 크레딧을 더 쓰지 않았어요. 같은 말로 한 세트 더 그릴 수 있어요.
paint-left = 네, 지금은 그리지 않을게요.
paint-left-words = 네, 하신 말씀은 잊었고 크레딧은 쓰지 않았어요.
paint-nobody-to-be-like = 세상에 없는 사람의 그림이라 더 닮을 사람이 없어요. 크레딧은 쓰지 않았어요.
portraits-nobody = { $style }. 세상에 없는 사람이에요.
photo-while-wishing = 지금은 말씀을 기다리고 있어서, 이 사진은 열지 않았어요.
command-paint = 내 말대로 그리기
paint-then-moves =
    { $credits ->
       *[other] 먼저 그림을 그려요. 그림이 오면 아래에서 “움직이기”를 고르세요. 영상은 { $credits }크레딧이 더 들고, 선물이라면 무료예요.
    }
