# Sharing and inviting: in the person's own chat, in another chat they choose, in groups.
share-ask = 어떤 사진으로 할까요? 위 앨범의 순서대로 세어 주세요. 누구에게 보낼지는 직접 정하시고, 보내시기 전에는 아무에게도 가지 않아요.
share-ask-typed = 누구에게 보낼지는 직접 정하시면 돼요. 보내고 싶은 화보를 길게 눌러 전달해 주세요. 보내시기 전에는 아무에게도 가지 않아요.
share-button-one = { $number }번째 사진
share-button-send = 다른 사람에게 보내기
share-caption = 에이더가 찍은 화보 · AI 생성
share-show-first = 저와의 채팅에서 먼저 열기
share-open = 에이더 열기

invite =
    { $credits ->
        [0] 마음에 드셨다면 친구를 초대해 보세요. 아래를 누르고 보낼 대화를 고르시면 돼요.
       *[other] 친구를 초대해 보세요. 친구가 고객님의 링크로 와서 첫 아바타가 완성되면 두 분 모두 { $credits }크레딧을 받아요. 나중에 친구가 환불받으면 쓰지 않은 크레딧은 회수되고, 쓰신 크레딧은 다음 보상에서 빠져요.
    }
invite-typed =
    { $credits ->
        [0] 마음에 드셨다면 친구를 초대해 보세요.
       *[other] 친구를 초대해 보세요. 친구가 고객님의 코드로 와서 첫 아바타가 완성되면 두 분 모두 { $credits }크레딧을 받아요. 나중에 친구가 환불받으면 쓰지 않은 크레딧은 회수되고, 쓰신 크레딧은 다음 보상에서 빠져요.
    }
invite-button-send = 친구에게 보내기
invite-button-link = 내 초대 링크
# Under the picture of a code that leads to us.
link-scan = 위의 코드가 초대장이고 { $days }일 동안 쓸 수 있어요. 길게 눌러 친구에게 전달해 주세요.

invited-taken =
    { $credits ->
        [0] 친구의 초대로 오셨네요. 환영해요.
       *[other] 친구의 초대로 오셨네요. 환영해요. 첫 아바타가 완성되면 두 분 모두 { $credits }크레딧을 받아요.
    }
invited-own = 고객님 본인의 초대 링크예요. 친구에게 보내 주세요.
invited-known = 초대는 처음 오신 분께만 적용돼요. 전에 오신 적이 있어서 이번 초대는 적용되지 않아요.

invitation-title = 친구 초대
invitation-about =
    { $credits ->
        [0] 이 대화로 초대 보내기
       *[other] 이 대화로 초대 보내기, 두 분 모두 { $credits }크레딧
    }
invitation =
    { $credits ->
        [0] 에이더에서 화보를 찍어 보세요. 채팅 속 사진관이에요. 내 사진으로 나만의 디지털 아바타를 만들고, 나를 닮은 화보를 찍어 줘요.
       *[other] 에이더에서 화보를 찍어 보세요. 채팅 속 사진관이에요. 내 사진으로 나만의 디지털 아바타를 만들고, 나를 닮은 화보를 찍어 줘요. 이 링크로 와서 첫 아바타가 완성되면 우리 둘 다 { $credits }크레딧을 받아요.
    }
invitation-button-open = 에이더 보러 가기

group-hello =
    저는 채팅 속 사진관, 에이더(Eider)예요. 약관, 사진, 결제, 화보는 모두 저와의 1:1 대화에서만 다루고, 다른 사람은 볼 수 없어요.

    그룹에서는 명령에만 답해요. 화보를 찍으신 분이 /portrait 를 보내시면 그분의 화보를 여기에 올려 드려요.
group-no-portrait = 아직 여기에 올릴 화보가 없어요. 먼저 1:1 대화에서 찍어 볼까요?
group-no-such-portrait = 그 순서의 화보는 없어요. /portrait 는 가장 최근 세트의 첫 번째, /portrait 2 는 두 번째이고, 숫자가 클수록 예전 화보예요.
group-portrait = { $style } · AI 생성
group-command-portrait = 내 화보를 여기에 올리기
group-command-start = 에이더 소개
group-command-help = 그룹에서 할 수 있는 일
