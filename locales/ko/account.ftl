# Orders, data, credits, erasing.
orders-none = 아직 주문이 없어요.
orders-head = 고객님의 주문:
orders-line = { $number } · { $day } · { $product } · { $amount } · { $state }
orders-more = … 최근 { $count }건만 보여 드려요.
product-avatar = 디지털 아바타
product-credits = { $credits }크레딧
order-collecting = 사진 받는 중
order-awaiting = 결제 대기
order-paid = 결제 완료, 제작 중
order-done = 완료
order-refunding = 환불 진행 중
order-refunded = 환불 완료
order-cancelled = 취소됨

mydata =
    제가 보관하고 있는 고객님의 것은 다음과 같아요.

    · 올리신 사진(시험 촬영 포함): { $uploads }장
    · 진행 중인 학습의 중간 저장본: { $checkpoints }개
    · 디지털 아바타: { $avatars }개
    · 화보: { $portraits }장
    · 동의 기록: { $consents }건
    · 주문: { $orders }건
    · 크레딧: { $credits }
    · 이 플랫폼에서의 번호와 언어

    이름, 얼굴 특징 정보, 쓰신 글은 없어요.
mydata-button-erase = 전부 삭제

credits =
    지금 { $balance }크레딧이 있어요. 화보 한 세트는 { $cost }크레딧이고, 실패하면 돌려드려요. 유효 기간은 없어요.
credits-button-pack = { $credits }크레딧 · { $price }

erase-ask =
    고객님의 모든 것을 삭제할까요?

    사진, 아바타, 화보, 대화 진행 상태가 사라지고 열쇠도 함께 없어져 아무도 되살릴 수 없어요. 남은 크레딧({ $credits })도 사라져요. 끝나지 않은 주문은 멈추고 환불돼요. 간직하실 화보는 먼저 저장해 주세요.
erase-button-yes = 전부 삭제
erase-button-no = 그대로 두기
erase-prompt = 삭제하시려면 “전부 삭제”를 눌러 주세요. “그대로 두기”를 누르면 아무것도 바뀌지 않아요.
erase-kept = 네, 아무것도 삭제하지 않았어요.
erase-receipt =
    삭제 확인증
    { $day }

    · 올리신 사진: { $uploads }장
    · 디지털 아바타: { $avatars }개
    · 화보: { $portraits }장

    열쇠를 없앴으니 끝나지 않은 학습이 저장해 둔 것까지 이제 아무도 열 수 없고, 파일도 지우고 있어요. 회계 기록은 법에 따라 남기며 번호와 금액만 있어요.
    찾아 주셔서 고맙습니다. 다시 오시려면 “시작”이라고 써 주세요.

paysupport =
    결제에 문제가 있으면 일단 다시 결제하지 말아 주세요.

    · 결제했는데 그대로라면: /orders 에서 상태를 확인해 주세요. 결제 알림은 몇 분 늦기도 해요.
    · 두 번 결제됐다면: 두 번째 금액은 자동으로 돌려드려요.
    · 만들지 못했다면: 자동으로 전액 환불돼요.
    · 시작 전에 그만두시려면: /cancel

    환불은 결제하신 방법 그대로 돌아가고, 별로 내셨다면 별 잔액으로 들어와요. 여기서 한 결제는 이 봇이 책임지며, 플랫폼 고객센터는 도와드릴 수 없어요.
paysupport-button-orders = 내 주문
paysupport-button-cancel = 취소 또는 환불
paysupport-button-ask = 담당자에게 문의
paysupport-asked = 전달했어요. 담당자가 결제 내역을 확인하고 연락드릴게요.
