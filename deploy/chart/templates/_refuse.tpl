{{/* Refuses, with words, what the schema cannot see and what could not work. */}}
{{- define "eider.refuse" -}}
{{- $values := .Values }}
{{- $fleets := include "eider.fleets" . | fromJson }}
{{- $chat := merge (dict) .Values.settings.chat .Values.settings.house }}
{{- $works := (include "eider.works" . | fromJson).works }}
{{- $regions := list }}
{{- range $name, $fleet := $fleets }}
{{- if and $fleet.gpu (not (hasKey $values.gpuClasses $fleet.gpu)) }}
{{- fail (printf "studios.%s.gpu: %s is no class of gpuClasses: %s" $name $fleet.gpu (keys $values.gpuClasses | sortAlpha | join ", ")) }}
{{- end }}
{{- if lt (int $fleet.max) (int $fleet.min) }}
{{- fail (printf "studios.%s.max: %d is less than min, which is %d" $name (int $fleet.max) (int $fleet.min)) }}
{{- end }}
{{- if and $fleet.spot (not $values.spotNodes.nodeSelector) }}
{{- fail (printf "studios.%s.spot: spotNodes.nodeSelector must say which nodes these are (values-spot.yaml)" $name) }}
{{- end }}
{{- if and $values.regions.home (not $fleet.region) }}
{{- fail (printf "studios.%s.region: must be named where regions are" $name) }}
{{- end }}
{{- if and $fleet.region (not $values.regions.home) }}
{{- fail (printf "regions.home: must be named, for studios.%s is in %s" $name $fleet.region) }}
{{- end }}
{{- $regions = append $regions $fleet.region }}
{{- if and (eq $fleet.role "video") (not $fleet.generates) }}
{{- fail (printf "studios.%s.videoBase: must be named for the role video" $name) }}
{{- end }}
{{- /* Workers reach no model hub. */}}
{{- if and (ne $fleet.role "film") (not $fleet.weights) $values.network.enabled }}
{{- $takes := concat (compact (list $fleet.videoBase)) $fleet.moreBases (ternary (list) (list $fleet.base) (eq $fleet.role "video")) }}
{{- range $work := $works }}
{{- if include "eider.does" (dict "fleet" $fleet "work" $work) }}{{ $takes = append $takes $work.base }}{{ end }}
{{- end }}
{{- with without ($takes | uniq) "mini" }}
{{- fail (printf "studios.%s.weights: must be named, for it takes work of %s%s" $name (join ", " .) (ternary " (everyBase); or enabled: false" "" $fleet.everyBase)) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $values.regions.here (not $values.regions.home) }}
{{- fail (printf "regions.home: must be named, for regions.here is %s" $values.regions.here) }}
{{- end }}
{{- if and (ne $values.regions.here $values.regions.home) (not (has $values.regions.here $regions)) }}
{{- fail (printf "regions.here: %q is neither regions.home nor where studios are: %s" $values.regions.here (append $regions $values.regions.home | uniq | compact | sortAlpha | join ", ")) }}
{{- end }}
{{- if and $values.keda.enabled (not $values.keda.url) (not (include "eider.home" .)) }}
{{- fail (printf "keda.url: must be the address of the health port in %s, which says what is owed, for a release in %s" $values.regions.home $values.regions.here) }}
{{- end }}
{{- range $component := list "web" "check" }}
{{- $scaled := (get $values $component).autoscaling }}
{{- if and $scaled.enabled (lt (int $scaled.max) (int $scaled.min)) }}
{{- fail (printf "%s.autoscaling.max: %d is less than min, which is %d" $component (int $scaled.max) (int $scaled.min)) }}
{{- end }}
{{- end }}
{{- /* Without any fleet here, studios are elsewhere. */}}
{{- if $fleets }}
{{- range $work := $works }}
{{- $done := false }}
{{- range $fleet := $fleets }}
{{- if include "eider.does" (dict "fleet" $fleet "work" $work) }}{{ $done = true }}{{ end }}
{{- end }}
{{- if not $done }}
{{- fail (printf "settings: %s is %s, and no fleet of studios %s with it" $work.setting $work.base $work.does) }}
{{- end }}
{{- end }}
{{- $animates := false }}
{{- range $fleet := $fleets }}
{{- if and (has $fleet.role (list "studio" "film")) (or $fleet.everyBase $fleet.withoutBase (eq $fleet.role "film") $fleet.min (not $values.keda.enabled)) }}{{ $animates = true }}{{ end }}
{{- end }}
{{- if not $animates }}
{{- fail "studios: none comes for clips of the embedded animator: withoutBase must be true for one of them" }}
{{- end }}
{{- end }}
{{- $need := list }}
{{- range splitList "," (toString ($chat.EIDER_SALES_NEED | default "")) }}{{ $need = append $need (trim .) }}{{ end }}
{{- if and (has "studio" $need) (include "eider.comes-when-owed" (dict "root" . "warm" true)) }}
{{- fail "settings: EIDER_SALES_NEED wants a studio, and every fleet that does what is sold is scaled to none, so that nothing would ever be sold: leave `studio` out, or set min: 1" }}
{{- end }}
{{- if and $values.backup.enabled (not (and $chat.EIDER_BACKUP_KEY $chat.EIDER_BACKUP_URL)) }}
{{- fail "backup.enabled: settings.chat must name EIDER_BACKUP_KEY, which `python -m bot backup-key` prints, and EIDER_BACKUP_URL" }}
{{- end }}
{{- if and $values.backup.enabled (not (hasPrefix "s3://" (toString $chat.EIDER_BACKUP_URL))) }}
{{- fail "settings: EIDER_BACKUP_URL must be a bucket, s3://..., for a pod's own folder goes with it" }}
{{- end }}
{{- $places := dict "settings.house" .Values.settings.house "settings.chat" .Values.settings.chat "settings.workers" .Values.settings.workers }}
{{- range $name, $fleet := $fleets }}{{ $_ := set $places (printf "studios.%s.settings" $name) $fleet.settings }}{{ end }}
{{- range $place, $settings := $places }}
{{- with $settings.EIDER_TRACES_URL }}{{ include "eider.refuse-untraced" (dict "values" $values "place" $place "url" .) }}{{ end }}
{{- if contains "AGE-SECRET-KEY" (upper (toString $settings.EIDER_BACKUP_KEY)) }}
{{- fail (printf "%s: EIDER_BACKUP_KEY is a private key, which opens every backup and never comes into a cluster: name the public one, age1..., and make a new pair, for this one was seen" $place) }}
{{- end }}
{{- if and (hasPrefix "studios." $place) (or $settings.EIDER_BASE $settings.EIDER_VIDEO_BASE) }}
{{- fail (printf "%s: EIDER_BASE and EIDER_VIDEO_BASE are said by the fleet's `base` and `videoBase`" $place) }}
{{- end }}
{{- end }}
{{- if .Values.settings.workers.EIDER_BASE }}
{{- fail "settings.workers: EIDER_BASE is said in settings.house for all, and by each fleet's `base`" }}
{{- end }}
{{- $opens := list "EIDER_ADMINS" "EIDER_BLOBS_KEY_ID" "EIDER_BLOBS_SECRET_KEY" "EIDER_DATABASE_URL" "EIDER_MASTER_KEY" "EIDER_MASTER_KEY_OLD" "EIDER_REDIS_URL" "EIDER_SIGNING_KEY" }}
{{- range $name, $from := .Values.secrets.house }}
{{- if and $from (not (has $name $opens)) }}
{{- fail (printf "secrets.house: %s must stand in secrets.chat: it is for chats and tills, and no process that opens pictures is to have it" $name) }}
{{- end }}
{{- end }}
{{- if and $values.prometheus.rules (not (fromYaml $values.prometheus.rules).groups) }}
{{- fail "prometheus.rules: must be the text of a file of rules: --set-file prometheus.rules=deploy/alerts.yml" }}
{{- end }}
{{- end }}

{{/* Refuses a collector of traces, `url`, which no packet would reach. */}}
{{- define "eider.refuse-untraced" -}}
{{- $collector := .values.network.collector }}
{{- if .values.network.enabled }}
{{- if not $collector.peers }}
{{- fail "network.collector.peers: must be named, for EIDER_TRACES_URL is set and processes reach nothing else" }}
{{- end }}
{{- $url := urlParse (toString .url) }}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (ternary "443" "80" (eq $url.scheme "https")) }}
{{- if ne (int $port) (int $collector.port) }}
{{- fail (printf "network.collector.port: is %d, and %s.EIDER_TRACES_URL has the port %s, which no packet would reach" (int $collector.port) .place $port) }}
{{- end }}
{{- end }}
{{- end }}
