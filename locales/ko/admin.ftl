# For the people who run the studio. Everybody else never sees these.
admin-usage-stats = 사용법: /stats
admin-usage-queue = 사용법: /queue
admin-usage-order = 사용법: /order 주문번호, 또는 고객의 초대 링크
admin-order-by-link = 초대 링크로 찾았어요. 친구들도 가진 링크라, 본인이라는 증거는 되지 않아요.
admin-usage-grant = 사용법: /grant 플랫폼:번호 크레딧, 예: /grant telegram:42 10
admin-usage-refund = 사용법: /refund 주문번호 (남은 금액 전부, 구매한 것은 회수) 또는 /refund 주문번호 금액 (일부만, 구매한 것은 그대로)
admin-usage-ban = 사용법: /ban 플랫폼:번호
admin-usage-unban = 사용법: /unban 플랫폼:번호
admin-usage-review = 사용법: /review
admin-usage-pause = 사용법: /pause
admin-usage-resume = 사용법: /resume
admin-usage-pauseclips = 사용법: /pauseclips
admin-usage-resumeclips = 사용법: /resumeclips
admin-usage-erase = 사용법: /erase 플랫폼:번호
admin-done = { $command } 완료: { $outcome }
admin-granted = { $credits } 지급, 잔액 { $balance }
admin-none = 확인할 사진이 없습니다.
admin-erased = 사진 { $photos }, 아바타 { $avatars }, 화보 { $portraits }, 영상 { $clips }; 환불한 주문: { $refunded }; 중단, 환불 없음: { $kept }
admin-past-account = 삭제된 계정
admin-line = { $name }: { $value }
admin-order-stopped = 고객이 중단, 환불 없음
admin-stats =
    사용자: { $users } (삭제됨 { $erased })
    확인할 사진: { $held }
    매출: { $earned }
    남은 크레딧: { $credits }
    장부 차액: { $books }
    { $selling ->
        [on] 판매: 진행 중
       *[off] 판매: 중지
    }
    { $animating ->
        [on] 영상: 켜짐
       *[off] 영상: 멈춤
    }
admin-queue = { $queue }: 대기 { $waiting }, 진행 { $running }, 작업자 { $workers }, 예상 { $wait }
admin-order =
    주문: { $id }
    고객: { $person }
    날짜: { $day }
    상품: { $product }
    상태: { $state }
    금액: { $amount } (결제 { $charges }건)
    부분 환불: { $returned } ({ $parts }건)
    사진: { $accepted } / { $sent }
    아바타: { $avatar }
    환불 사유: { $reason }
admin-orders-line = { $number } · { $day } · { $state }
history-began = 시작됨
history-charge = { $amount } 입금, 결제 { $charge }
history-part-owed = { $charge } 일부 환불 예정
history-part-back = { $charge } 일부 환불 완료
history-avatar-ready = 아바타 { $avatar } 완성
history-job-queued = { $kind }: 대기열에 들어감, 작업 { $job }
history-job-begun = { $kind }: { $worker } 시작 (시도 { $tries }, 실패 { $failures })
history-job-ended = { $kind }: { $state }, 원인: { $cause }
history-checks = 사진 확인: { $count } ({ $states })
history-message = 아직 전하지 못함: { $what } ({ $state }, 시도 { $tries })
history-messages = 아직 전하지 못함: { $what } { $count }건, { $oldest } ~ { $newest } ({ $states }, 시도 최대 { $tries })
history-act = 관리자: /{ $command }, { $outcome }
admin-review-head = 확인할 사진 { $count }장.
admin-held = 확인할 사진이 { $count }장 있습니다: /review. { $hours }시간 안에 아무도 보지 않은 사진은 삭제됩니다.
admin-held-minor = 미성년자일 수 있습니다.
admin-held-stated = 미성년자일 수 있습니다. 보낸 사람이 그렇게 말했습니다.
admin-held-indecent = 노출이 지나칠 수 있습니다.
admin-stated-minor = ⚠ { $person } 님이 미성년자라고 썼습니다. { $order ->
        [none] 아바타 주문 없음
       *[other] 주문: { $order } ({ $state })
    }, 보류된 사진: { $held }장. { $held ->
        [0] {""}
       *[other] 사진 보기: /review.{" "}
    }{ $paid ->
        [yes] 멈추고 환불: /refund { $order }.{" "}
       *[no] {""}
    }더 만들지 않기: /ban { $person }
admin-review-clip = 움직이게 할 사진:
admin-review-approve = 사용 가능
admin-review-reject = 사용 불가
admin-difference-unbooked = ⚠ { $till } 이(가) 주문 { $order } 으로 { $theirs } 을(를) 받았지만 알림이 오지 않았습니다. 지금 기록했습니다. 결제: { $charge }
admin-difference-returned = ⚠ { $till } 이(가) 주문 { $order } 의 돈을 따로 환불했습니다. { $ours } 이(가) 있었고 지금은 { $theirs } 이(가) 남았습니다. 장부에 기록했습니다. 일부라면 주문은 그대로이고, 남은 것이 없다면 구매한 것을 회수했습니다. 결제: { $charge }
admin-difference-stray = ⚠ { $till } 이(가) “{ $order }” 으로 { $theirs } 을(를) 받았지만 저희 주문이 아닙니다. 확인이 필요합니다. 결제: { $charge }
admin-difference-amount = ⚠ 주문 { $order }: { $till } 에는 { $theirs }, 장부에는 { $ours } 입니다. 확인이 필요합니다. 결제: { $charge }
admin-difference-kept = ⚠ 주문 { $order }: 환불 후 장부로는 { $till } 에 { $ours } 이(가) 남아야 하는데 아직 { $theirs } 이(가) 있습니다. 확인이 필요합니다. 결제: { $charge }
admin-difference-absent = ⚠ 주문 { $order } 에 { $ours } 이(가) 기록됐지만 { $till } 에는 없습니다. 확인이 필요합니다. 결제: { $charge }
admin-difference-ledger = ⚠ { $till } 계정 잔액은 { $ours } 인데 결제 합계는 { $theirs } 입니다. 확인이 필요합니다.
admin-not-booked-payment = ⚠ { $till }에서 알려 온 결제를 장부에 기록하지 못했습니다. 고객은 이미 결제했지만 주문은 아직 결제를 기다리는 상태입니다. 수신 확인을 보내지 않았으며, { $till }에서 다시 알려 올 때마다 재시도합니다. 실패한 위치는 로그의 payment_not_booked에서 볼 수 있습니다. 결제: { $charge }
admin-not-booked-refund = ⚠ { $till }에서 알려 온 환불을 장부에 기록하지 못했습니다. 수신 확인을 보내지 않았으며, { $till }에서 다시 알려 올 때마다 재시도합니다. 실패한 위치는 로그의 payment_not_booked에서 볼 수 있습니다. 결제: { $charge }
admin-booked-after-all-payment = ✓ { $till }에서 알려 왔으나 장부에 기록하지 못했던 결제를 이제 기록했습니다. 더 하실 일은 없습니다. 결제: { $charge }
admin-booked-after-all-refund = ✓ { $till }에서 알려 왔으나 장부에 기록하지 못했던 환불을 이제 기록했습니다. 더 하실 일은 없습니다. 결제: { $charge }
admin-refund-stuck = ⚠ { $till } 환불 한 건이 멈췄습니다. 가맹점 콘솔에서 처리해야 합니다(입금받을 수 없는 카드, 계정 잔액 부족 등). 처리하면 여기서는 저절로 이어지니 다시 환불하지 마세요. 거래 번호: { $charge }, 환불: { $refund }
admin-refund-closed = ⚠ { $till } 에서 환불 한 건이 지급되지 않은 채 닫혔습니다. 계정 잔액이 오래 부족했던 것 같습니다. 새로 신청했으니 계정을 채워 주세요. 거래 번호: { $charge }, 환불: { $refund }
admin-refund-closed_unasked = ⚠ { $till } 에서 환불 한 건이 지급되지 않은 채 닫혔습니다. 여기서 돌려줄 환불이 아니며, 누군가 가맹점 콘솔에서 한 것 같습니다. 장부는 그대로이고 새로 신청하지 않습니다. 여전히 필요하면 콘솔에서 다시 하거나 /refund 를 쓰세요. 거래 번호: { $charge }, 환불: { $refund }
admin-refund-too_much = ⚠ { $till } 에서 장부에 남은 금액보다 많은 환불을 알려 왔습니다. 여기서 한 번, 가맹점 콘솔에서 또 한 번 환불한 것 같습니다. 주문은 그대로 두고 여기서 돌려줄 돈은 계속 신청하니, 사람이 결정해야 합니다. 거래 번호: { $charge }, 환불: { $refund }
admin-refund-begun =
    { $gone ->
        [yes] { $amount } 환불을 시작했습니다. 구매한 것은 이미 삭제되어 남은 것이 없습니다. 결제사 쪽에 문제가 있으면 알려 드립니다.
       *[no] { $amount } 환불을 시작했습니다. 이 때문에 회수되는 것은 없습니다. 결제사 쪽에 문제가 있으면 알려 드립니다.
    }
admin-differences = ⚠ { $till }: 차이가 { $count }건 더 있습니다. 전체: python -m bot reconcile
admin-help-wanted = { $person } 님이 결제 문제로 담당자의 도움을 요청했습니다. 최근 결제한 주문: { $order }
admin-worker-fault = ⚠ 워커 { $worker } 의 서비스가 중단되었습니다: { $what ->
        [device] GPU가 없거나 계산하지 못합니다
        [weights] 모델 가중치가 없거나 변경되었습니다
        [base] 기본 모델의 한 단계 실행에 실패합니다
        [folder] 임시 폴더나 캐시에 쓸 수 없습니다
        [memory] 메모리가 부족합니다
        [blob_store] 이 설치의 것이 아닌 블롭 저장소를 보고 있거나 저장소를 쓸 수 없습니다
        [master_key] 마스터 키가 이 설치의 것이 아닙니다
       *[other] 자가 진단에 실패합니다 ({ $what })
    }. 잃어버린 주문은 없습니다. 맡은 작업을 돌려주고, 정상이 될 때까지 스스로 진단합니다. 해결 방법은 로그와 /readyz 에 있습니다.

# Behind the commands in the platform's menu.
admin-command-stats = 고객, 주문, 매출 한눈에 보기
admin-command-queue = 대기열 상태
admin-command-order = 주문 하나 보기
admin-command-grant = 크레딧 주기
admin-command-refund = 주문 환불(일부도 가능)
admin-command-ban = 계정의 새 주문 막기
admin-command-unban = 계정 다시 열기
admin-command-review = 확인이 필요한 사진 보기
admin-command-pause = 판매 멈추기
admin-command-resume = 판매 다시 시작
admin-command-pauseclips = 움직일 사진 받기 멈추기
admin-command-resumeclips = 움직일 사진 다시 받기
admin-command-erase = 한 사람의 모든 것 삭제, 번호가 없으면 내 것
admin-usage-cases = 사용법: /cases
admin-usage-case = 사용법: /case 번호
admin-usage-answer = 사용법: /answer 번호 내용
admin-usage-close = 사용법: /close 번호
admin-command-cases = 답변을 기다리는 문의
admin-command-case = 문의 하나 읽기
admin-command-answer = 고객의 대화로 답하기
admin-command-close = 문의 끝내기
admin-cases-none = 열려 있는 문의가 없습니다.
admin-cases-more = 그 밖에 { $count }건이 더 있고, 기다린 시간이 더 짧습니다.
admin-case-open = 답변 대기
admin-case-answered = 답변함
admin-case-closed = 끝남
admin-case-line = { $number } · { $state } · { $day } · 메시지 { $count }개
admin-case-who = 고객: { $person } · 마지막 결제 주문: { $order }
admin-case-earlier = 이전 메시지 { $count }개는 생략했습니다
admin-case-customer = 고객, { $day }:{ $words }
admin-case-studio = 사진관, { $day }:{ $words }
admin-case-written = 문의 { $number }: 고객이 글을 남겼습니다(메시지 { $count }개). 읽기: /case { $number } · 답하기: /answer { $number } 내용 · 끝내기: /close { $number }
admin-case-withdrawn = 문의 { $number }: 고객이 직접 끝냈습니다.
