# The first words, the language, the help, and what is said to odd input.
welcome =
    { $price } 한 번이면, 사진 { $asked }장으로 고객님만의 디지털 아바타를 만들고 고객님을 닮은 스튜디오 화보를 찍어 드려요. 저는 채팅 속 사진관, 에이더(Eider)예요. 🪶
welcome-safe = 만들지 못하면 말씀하지 않으셔도 전부 돌려드려요.
welcome-samples = AI가 그린 견본이에요. 실제로는 없는 사람들이에요.
welcome-wait =
    { $known ->
        [no-worker] 지금은 작업 중인 곳이 없어서 아바타가 언제 완성될지 말씀드릴 수 없어요.
        [no] 얼마나 걸릴지는 아직 몰라요. 알게 되는 대로 말씀드릴게요.
       *[yes] 지금 결제하시면 아바타는 { $span } 정도면 완성돼요.
    }
welcome-closed =
    { $why ->
        [away] 저는 채팅 속 사진관, 에이더(Eider)예요. 🪶 사진으로 디지털 아바타를 만들고 스튜디오 화보를 찍어 드려요. 지금은 작업하는 장비가 잠시 자리를 비워서, 돌아올 때까지 새 주문을 받지 않아요.
        [queue] 저는 채팅 속 사진관, 에이더(Eider)예요. 🪶 사진으로 디지털 아바타를 만들고 스튜디오 화보를 찍어 드려요. 지금은 기다리는 분이 많아 당분간 새 주문을 받지 않아요.
       *[paused] 저는 채팅 속 사진관, 에이더(Eider)예요. 🪶 사진으로 디지털 아바타를 만들고 스튜디오 화보를 찍어 드려요. 지금은 새 주문을 받지 않고 있어요.
    }
welcome-clip =
    { $gift ->
        [yes] 사진 한 장을 움직여 드릴 수도 있어요. 할머니가 웃고 고개를 끄덕이세요. 첫 영상은 선물이에요.
       *[no] 사진 한 장을 움직여 드릴 수도 있어요. 할머니가 웃고 고개를 끄덕이세요. 영상 한 편에 { $credits }크레딧이에요.
    }
welcome-how = 순서는 이래요. 사진이 어떻게 다뤄지는지 보시고, 동의하시고, 사진을 보내시면 돼요. 만든 것은 바로 이 채팅으로 보내 드려요.
welcome-again = 무엇을 할까요? 사진 한 장을 움직일까요, 아바타를 만들어 스튜디오 화보를 찍을까요?
welcome-button-begin = 내 화보 찍기
welcome-button-language = Language · 语言
welcome-prompt = 시작하시려면 아래 버튼을 누르거나 “시작”이라고 써 주세요.
welcome-prompt-typed = 시작하시려면 번호로 답하시거나 “시작”이라고 써 주세요.

language-ask = 어떤 언어로 이야기할까요?
language-set = 네, 이제 한국어로 말씀드릴게요.

help =
    저는 에이더예요. 사진을 움직여 드리고, 사진으로 디지털 아바타를 만들어 스튜디오 화보도 찍어요.

    버튼을 눌러도, 글로 써도 돼요. 아래는 언제든 쓸 수 있어요.
    { $commands }

    막히면 “계속”이라고 써 주세요. 하시던 곳에서 이어 갈게요. 결제에 문제가 있으면 /paysupport 를 보내 주세요.
help-typed =
    저는 에이더예요. 사진을 움직여 드리고, 사진으로 디지털 아바타를 만들어 스튜디오 화보도 찍어요.

    번호가 붙은 선택지에는 번호로 답하시면 돼요. 아래 말은 언제든 쓸 수 있어요.
    { $commands }

    막히시면 “계속”이라고 써 주세요. 있던 자리에서 이어 갈게요. 결제에 문제가 있으면 /paysupport 라고 보내 주세요.

# One line each, behind the command's name; also the platform's menu.
command-start = 하던 곳에서 이어 하기
command-help = 할 수 있는 일
command-alive = 사진 한 장 움직이기
command-styles = 스타일 고르고 화보 찍기
command-avatar = 내 디지털 아바타
command-credits = 크레딧과 충전
command-invite = 친구 초대
command-orders = 내 주문
command-cancel = 취소 또는 환불
command-mydata = 보관 중인 내 정보
command-erase = 내 모든 것 삭제
command-revoke = 사진 사용 동의 철회
command-terms = 사진이 어떻게 다뤄지는지
command-privacy = 개인정보 안내
command-language = 언어 바꾸기
command-verify = 저희가 만든 사진인지 확인
command-support = 직원에게 문의
command-paysupport = 결제 문제 도움

button-where = 계속
button-help = 도움말
button-back = 돌아가기

# Odd input: first what it was, then (from the state) what to do now.
odd-text = 무슨 말씀인지 잘 모르겠지만, 괜찮아요.
odd-button = 지난 선택지예요. 지금은 이런 상태예요.
odd-number = 그 번호의 선택지는 없어요. 지금은 이런 상태예요.
odd-sticker = 스티커가 귀엽네요! 다만 저는 사진만 볼 줄 알아요.
odd-voice = 음성은 들을 수 없어요. 글로 쓰시거나 버튼을 눌러 주세요.
odd-voice-typed = 음성은 들을 수 없어요. 글로 써 주세요.
odd-video = 동영상은 쓸 수 없고, 사진만 받을 수 있어요.
odd-file = 이 파일은 열 수 없어요. 사진은 JPEG, PNG, WebP, HEIC, AVIF 로 보내 주세요.
odd-file-pictures = 여기서는 파일을 받을 수 없어요. 사진으로 보내 주세요. 앨범에서 고르고 ‘원본’을 선택하시면 돼요.
odd-place = 위치는 필요하지 않아서 저장하지 않았어요.
odd-other = 이건 아직 제가 이해하지 못해요.
back-again = 다시 오셨네요, 반가워요.

# The menu that an account has beside the chat: three groups, and what is in them. WeChat: at most
# 16 bytes for a group, 60 for the rest.
menu-shoot = 화보
menu-mine = 내 정보
menu-help = 도움말
menu-where = 시작 / 계속
menu-styles = 스타일
menu-avatar = 내 아바타
menu-alive = 사진 움직이기
menu-invite = 친구 초대
menu-progress = 진행 상황
menu-credits = 크레딧
menu-orders = 내 주문
menu-mydata = 내 데이터
menu-language = 언어 Language
menu-how = 사용 방법
menu-paysupport = 결제 문제
menu-cancel = 취소 / 환불
menu-verify = 사진 검증
menu-erase = 전부 삭제
