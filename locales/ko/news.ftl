# What workers, tills and the clock have to tell.
news-avatar-ready = 아바타가 완성됐어요. 만드는 데 { $span } 걸렸어요. 첫 화보도 곧 보내 드릴게요.
news-avatar-failed =
    죄송해요, 이번에는 만들지 못했어요. 제 쪽의 문제예요. { $amount } 환불이 자동으로 진행되고 있으니 하실 일은 없어요. 사진은 삭제하고 확인증을 보내 드릴게요.
news-shoot-failed = 죄송해요, “{ $style }” 세트를 찍지 못해서 { $credits }크레딧을 돌려드렸어요. 다시 해 보시거나 다른 스타일을 골라 주세요.
news-wish-failed = 죄송해요, 말씀대로 그리지 못해서 { $credits }크레딧을 돌려드렸어요. 다시 해 보시거나 다른 말로 해 주세요.
news-wish-not-passed = 죄송해요. 말씀대로 그린 그림 가운데 제 검사(단정함, 성인, 바른 얼굴)를 통과한 것이 없고, 그런 그림은 드리지 않아요. { $credits }크레딧은 돌려드렸어요. 다른 말로 하시면 될 수도 있어요.
news-refunded = { $amount } 환불이 끝났어요. 실제로 들어오는 시점은 결제 수단에 따라 달라요.
news-reduced = 스튜디오에서 결제하신 금액 중 { $amount } 을(를) 돌려드렸어요. 이 때문에 회수되는 것은 없어요. 실제로 들어오는 시점은 결제 수단에 따라 달라요.
news-given-back =
    { $what ->
        [done] 스튜디오에서 아바타 값 { $amount } 을(를) 돌려드려요. 그래서 이 주문은 여기까지예요. 아바타와 화보를 삭제하고 있고, 함께 드린 크레딧 중 쓰지 않은 것은 회수했어요.
        [stopped] 스튜디오에서 중단된 주문의 { $amount } 을(를) 돌려드려요. 이 주문에 딸린 것은 이미 삭제했어요.
        [credits] 스튜디오에서 { $amount } 을(를) 돌려드려서, 그 돈으로 사신 크레딧을 남아 있던 만큼 회수했어요.
       *[paid] 스튜디오에서 아바타 값 { $amount } 을(를) 돌려드려요. 그래서 작업은 여기서 멈추고, 사진을 삭제하고 있어요.
    } 궁금한 점이 있으시면 /paysupport 로 알려 주세요.
news-returned-avatar = 결제사에서 { $amount } 환불이 이루어졌어요. 그래서 이 주문은 여기까지예요. 아바타와 화보를 삭제하고 있고, 함께 드린 크레딧 중 쓰지 않은 것은 회수했어요. 원하신 일이 아니라면 /paysupport 로 알려 주세요.
news-returned-credits = 결제사에서 { $amount } 환불이 이루어져, 그 돈으로 사신 크레딧을 남아 있던 만큼 회수했어요. 원하신 일이 아니라면 /paysupport 로 알려 주세요.
news-uploads-erased = 삭제 확인증: 보관하던 사진 { $count }장을 모두 지웠고 암호화 키도 없앴어요. 아무도 되살릴 수 없어요.
news-training-erased = 삭제 확인증: 보관하던 사진 { $count }장을 모두 지웠고 암호화 키도 없앴어요. 아무도 되살릴 수 없어요. 학습의 중간 파일도 찾아봤는데 하나도 남아 있지 않아요.
news-approved = { $number }번 사진을 직원이 봤어요. 문제가 없어서 포함했어요.
news-approved-late = { $number }번 사진을 직원이 봤어요. 문제는 없지만, 아바타는 이미 그 사진 없이 시작했어요.
news-rejected = { $number }번 사진을 직원이 봤어요. 쓸 수 없어서 포함하지 않았어요.
news-held-erased = 직원이 볼 사진이 { $count }장 있었어요. 사진을 지울 때까지 아무도 보지 못했어요. 쓰지 않았고, 함께 지웠어요.
news-open-again = 사진관이 다시 일을 시작했어요. 멈추신 곳부터 이어서 하실 수 있어요.
news-expired = { $hours }시간 동안 결제가 없어 주문을 자동으로 취소했고, 사진을 삭제하고 있어요. 언제든 다시 오세요.
news-granted = { $credits }크레딧을 선물로 드려요. 지금 { $balance }크레딧이에요.
news-referral-host = 초대하신 친구의 아바타가 완성됐어요. 감사의 뜻으로 { $credits }크레딧을 드려요. 지금 { $balance }크레딧이에요.
news-referral-guest = 친구의 초대로 오셔서 { $credits }크레딧을 더 드려요. 지금 { $balance }크레딧이에요.
news-referral-settled = 초대 크레딧 가운데 { $settled }크레딧은 이전 초대분을 메우는 데 쓰였어요. 그때의 주문은 취소됐는데 드린 크레딧은 이미 쓰셨기 때문이에요.
news-referral-back = 초대하신 친구의 주문이 취소돼서, 드린 크레딧 가운데 아직 쓰지 않은 { $credits }크레딧을 회수했어요.
news-button-again = 다시 시작
news-erased = 다시 확인했어요. 고객님의 사진과 아바타, 학습 중간 저장본, 화보는 보관소에 하나도 남아 있지 않고, 암호화 키도 남아 있지 않아요.
# A template message to somebody who must write first; at most 20 signs.
waits-portraits = 화보가 완성됐어요
waits-clip = 영상이 완성됐어요
waits-news = 새 소식이 있어요
