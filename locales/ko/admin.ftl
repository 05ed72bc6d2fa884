# For the people who run the studio. Everybody else never sees these.
admin-usage-stats = 사용법: /stats
admin-usage-queue = 사용법: /queue
admin-usage-order = 사용법: /order 주문번호
admin-usage-grant = 사용법: /grant 플랫폼:번호 크레딧, 예: /grant telegram:42 10
admin-usage-refund = 사용법: /refund 주문번호
admin-usage-ban = 사용법: /ban 플랫폼:번호
admin-usage-unban = 사용법: /unban 플랫폼:번호
admin-usage-review = 사용법: /review
admin-usage-pause = 사용법: /pause
admin-usage-resume = 사용법: /resume
admin-usage-erase = 사용법: /erase 플랫폼:번호
admin-done = { $command } 완료: { $outcome }
admin-none = 확인할 사진이 없습니다.
admin-erased = 사진 { $photos }, 아바타 { $avatars }, 화보 { $portraits }
admin-line = { $name }: { $value }
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
admin-queue = { $queue }: 대기 { $waiting }, 진행 { $running }, 작업자 { $workers }, 예상 { $wait }
admin-order =
    주문: { $id }
    고객: { $person }
    날짜: { $day }
    상품: { $product }
    상태: { $state }
    금액: { $amount } (결제 { $charges }건)
    사진: { $accepted } / { $sent }
    아바타: { $avatar }
    환불 사유: { $reason }
admin-review-head = 확인할 사진 { $count }장.
admin-review-approve = 사용 가능
admin-review-reject = 사용 불가
