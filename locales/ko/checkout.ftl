# Paying and waiting.
bill-title-avatar = 에이더 · 디지털 아바타
bill-title-credits = 에이더 · { $credits }크레딧
bill-avatar =
    { $price }, 한 번만 내시면 되고 추가 비용은 없어요.

    받으시는 것:
    · 사진 { $accepted }장으로 만든 디지털 아바타
    · 첫 화보 { $portraits }장, 스타일은 “{ $style }”
    · { $sets ->
        [0] 다른 스타일을 더 찍을 수 있는 { $credits }크레딧
       *[other] 다른 스타일로 { $sets }세트를 더 찍을 수 있는 { $credits }크레딧
    }

    { $compared ->
        [all] 부탁하신 대로 이 사진들을 서로 비교해 봤어요. 틀릴 수도 있으니, 결제 전에 모두 본인 사진인지 확인해 주세요.
        [some] 지금까지는 이 사진들 가운데 일부만 서로 비교해 봤어요. 결제 전에 모두 본인 사진인지 확인해 주세요.
       *[none] 부탁하지 않으시면, 사진 속 사람이 모두 같은 사람인지는 비교하지 않아요. 결제 전에 모두 본인 사진인지 확인해 주세요.
    }

    만들지 못하면 자동으로 전액 환불돼요. 작업을 시작하기 전에는 취소하셔도 전액 돌려드리고, 시작된 뒤에 직접 멈추시면 환불되지 않아요.
bill-referral = 그리고 친구의 초대로 오셨으니, 아바타가 완성되면 두 분 모두 { $credits }크레딧을 더 받아요.
bill-credits = { $credits }크레딧, 가격은 { $price }. 화보 한 세트는 { $cost }크레딧, 영상 한 편은 { $clip }크레딧이라 { $sets }세트 또는 { $clips }편을 만들 수 있어요. 실패하면 돌려드려요.
# The address of a page where it is paid; a picture to scan; both under the bill.
bill-link = 결제하기: { $url }
bill-scan = 위의 코드를 길게 눌러 결제해 주세요. 컴퓨터에서는 휴대폰으로 스캔해 주세요.
bill-button-pay = 채팅에서 결제
bill-button-cancel = 사지 않을래요
bill-prompt = 청구서를 보내 드렸어요. 결제되면 바로 시작할게요.
bill-outdated = 이 청구서는 이제 쓸 수 없어요. 그 뒤로 사진이나 비교 결과가 바뀌었거든요. 이제 결제할 수 없고, 혹시 돈이 들어와도 전액 돌려 드려요. 사진이 다 정해지면 새 청구서를 드릴게요.
bill-outdated-age = 이 청구서는 이제 쓸 수 없어요. 말씀하신 나이 때문에 사진을 직원이 먼저 확인해야 해요. 이제 결제할 수 없고, 혹시 돈이 들어와도 전액 돌려 드려요.
bill-changed = 이전 청구서예요. 그 뒤로 내용이 바뀌었고, 결제된 금액은 없어요. 지금은 이 청구서가 맞아요:
bill-nothing = 지금은 결제할 것이 없어요.
bill-failed = 결제 창구가 응답하지 않아요. 결제되지 않았으니 잠시 뒤 다시 해 주세요.
bill-unshown = 청구서를 여기에 보여 드리지 못했어요. 결제된 금액은 없어요. 잠시 뒤에 다시 시도해 주세요.
bill-button-retry = 다시 시도
paid-button-clip = 사진이 어떻게 움직일지 고르기
paid = { $amount } 결제를 확인했어요. 고맙습니다.
receipt-line = { $number } · { $day } · { $product }
paid-credits = { $amount } 결제를 확인했어요. { $credits }크레딧이 더해져 지금 { $balance }크레딧이에요.
pay-twice = 이미 결제하신 건에 { $amount } 결제가 한 번 더 들어왔어요. 자동으로 전액 돌려드리니 하실 일은 없어요.
pay-too-late = { $amount } 결제가 들어왔지만 그 청구서는 이미 닫혔어요. 자동으로 전액 돌려드리니 하실 일은 없어요.
pay-wrong-amount = { $amount } 결제가 들어왔지만 청구 금액과 달라요. 자동으로 전액 돌려드려요. 청구서는 아직 결제되지 않았고, 결제를 기다리고 있어요.
pay-returned = { $amount } 결제가 들어왔지만 이미 되돌려진 결제예요. 하실 일은 없어요. 청구서는 아직 결제되지 않았고, 결제를 기다리고 있어요.
pay-banned = { $amount } 결제가 들어왔지만 이 계정은 새로 주문할 수 없어요. 자동으로 전액 돌려드리니 하실 일은 없어요.
pay-received = { $amount } 결제를 확인했어요. 고맙습니다.
pay-unknown = { $amount } 결제가 들어왔는데 어떤 주문인지 찾지 못했어요. 돈은 안전하고, 담당자가 확인할게요. /paysupport 로 문의하실 때 { $code } 를 알려 주세요.

waiting-queue =
    { $ahead ->
        [0] 다음 차례예요.
       *[other] 대기 중이에요. 앞에 { $ahead }명 있어요.
    }
waiting-eta = 앞으로 { $span } 정도 걸려요.
waiting-eta-unknown = 얼마나 걸릴지 아직은 알 수 없어요. 알게 되는 대로 말씀드릴게요.
waiting-eta-no-worker = 지금은 이 작업을 맡은 서버가 없어서 얼마나 걸릴지 알 수 없어요. 순서는 그대로 지켜 드려요.
waiting-halted =
    { $stopped ->
        [yes] 사진관이 멈췄어요. 지금은 이 작업을 하는 서버가 없어서 얼마나 걸릴지 알 수 없어요.
       *[no] 지금은 이 작업을 하는 서버가 없어서 얼마나 걸릴지 알 수 없어요.
    } { $held ->
        [money] 결제하신 돈과 순서는 그대로 지켜 드려요.
        [credits] 잡아 둔 크레딧과 순서는 그대로 지켜 드려요.
       *[nothing] 순서는 그대로 지켜 드려요.
    } 서버가 준비되면 저절로 이어서 작업해요.
waiting-working = 아바타를 만드는 중: { $percent }.
waiting-leave = 채팅을 닫으셔도 돼요. 다 되면 여기로 알려 드릴게요.
waiting-leave-open = 페이지를 닫으셔도 작업에는 지장이 없어요. 다만 여기서는 알림을 보낼 수 없으니, 나중에 다시 들러 주세요. 결과는 여기에 남아 있어요.
waiting-leave-contact = 채팅을 닫으셔도 돼요. 다 되면 여기로 알려 드릴게요. 이틀 동안 말씀이 없으시면 이 채팅에서는 제가 먼저 글을 보낼 수 없으니, 한마디 보내 주시면 바로 알려 드릴게요.
waiting-prompt = 아바타를 만들고 있어요. 하실 일은 없어요.
waiting-sample = 시험 촬영 한 장을 먼저 보여 드려요. 아직 배우는 중이라 완성본은 아니에요.
ended-sample = 첫 시도는 치웠어요. 기다리는 동안만 보여 드린 거예요.
ended-training =
    { $how ->
        [done] 학습이 끝났어요.
        [failed] 아바타를 만들지 못하고 학습이 끝났어요.
       *[cancelled] 학습을 취소했어요.
    }
waiting-button-refresh = 진행 상황 보기
waiting-button-cancel = 취소하고 환불받기

cancel-nothing = 지금은 취소할 것이 없어요. 완료된 주문에 문제가 있으면 /paysupport 를 보내 주세요.
cancel-ask-photos = 취소할까요? 보내신 사진은 바로 삭제돼요.
cancel-ask-bill = 이 주문을 취소할까요? 결제된 금액은 없고, 사진은 바로 삭제돼요.
cancel-ask-paid = 아직 작업을 시작하지 않아서 지금 취소하시면 { $amount } 전액을 돌려드려요. 사진은 바로 삭제돼요. 취소할까요?
cancel-too-late =
    작업이 이미 시작되어 서버를 쓴 시간을 되돌릴 수 없으니 지금은 취소할 수 없어요. 만들지 못하면 자동으로 전액 환불돼요.

    { $kept ->
        [yes] 사진이 쓰이는 것을 더는 원하지 않으시면 동의를 철회하실 수 있어요(/revoke). 작업을 멈추고 전부 삭제하지만, 결제하신 금액({ $amount })은 환불되지 않아요.
       *[no] 사진이 쓰이는 것을 더는 원하지 않으시면 동의를 철회하실 수 있어요(/revoke). 작업을 멈추고 전부 삭제하며, { $amount } 전액을 돌려드려요.
    }
cancel-button-yes = 취소하기
cancel-button-no = 취소하지 않기
cancel-kept = 네, 이어서 갈게요.
cancel-done = 취소했고 결제된 금액은 없어요. 사진을 삭제하고 있고, 끝나면 확인증을 보내 드릴게요.
cancel-refunding = 취소했어요. { $amount } 환불을 진행하고 있어요. 사진을 삭제하고 있고, 끝나면 확인증을 보내 드릴게요.
cancel-credits = 크레딧 청구서를 취소했어요. 결제된 금액은 없어요.
waiting-stage-loading = 준비하고 있어요.
waiting-stage-preparing = 사진을 정리하고 있어요.
waiting-stage-training = 고객님의 모습을 배우고 있어요.
waiting-stage-sampling = 시험 촬영을 하고 있어요.
waiting-stage-painting = 촬영하고 있어요.
bill-button-show = 청구서 보기
# Where somebody stands whose last order has ended, before what can be done now.
ended-refunding = 지난 주문의 { $amount } 환불을 진행하고 있고, 그 주문의 아바타와 화보, 사진은 남기지 않아요. 새 아바타를 만드시려면 아래에서 다시 시작해 주세요.
ended-refunded = 지난 주문의 { $amount } 환불이 끝났어요(입금되는 때는 결제사마다 달라요). 그 주문의 아바타와 화보, 사진은 남기지 않아요. 새 아바타를 만드시려면 아래에서 다시 시작해 주세요.
ended-stopped = 지난 주문은 원하신 대로 멈췄고, 그 주문의 것은 삭제했어요. 새 아바타를 만드시려면 아래에서 다시 시작해 주세요.
