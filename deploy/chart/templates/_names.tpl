{{- define "eider.name" -}}
{{- if contains "eider" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-eider" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "eider.selector" -}}
app.kubernetes.io/name: eider
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "eider.labels" -}}
{{ include "eider.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* Whether this release is the home region's, which has all but studios. */}}
{{- define "eider.home" -}}
{{- if eq .Values.regions.here .Values.regions.home }}yes{{ end }}
{{- end }}

{{/* The fleets that are enabled, of every region, whole with their defaults, as JSON; `generates`: the video base of its
studios, named for it or for all of them. */}}
{{- define "eider.fleets" -}}
{{- $workers := merge (dict) .Values.settings.workers .Values.settings.house }}
{{- $all := dict }}
{{- range $name, $own := .Values.studios }}
{{- $studio := deepCopy $.Values.studioDefaults }}
{{- range $key, $value := $own }}{{ $_ := set $studio $key $value }}{{ end }}
{{- $_ := set $studio "generates" ($studio.videoBase | default $workers.EIDER_VIDEO_BASE | default "") }}
{{- if $studio.enabled }}{{ $_ := set $all $name $studio }}{{ end }}
{{- end }}
{{- $all | toJson }}
{{- end }}

{{/* The fleets of this region, with `beyond` in seconds: what is owed to those before them. As JSON. */}}
{{- define "eider.studios" -}}
{{- $all := include "eider.fleets" . | fromJson }}
{{- $here := dict }}
{{- range $name, $studio := $all }}
{{- $beyond := 0 }}
{{- $before := $studio.after }}
{{- $seen := list $name }}
{{- range until (len $all) }}
{{- if $before }}
{{- if or (has $before $seen) (not (hasKey $all $before)) }}
{{- fail (printf "studios.%s.after: %s is no other fleet that is enabled, or comes after this one itself" $name $before) }}
{{- end }}
{{- $other := get $all $before }}
{{- if or (ne $other.role $studio.role) (ne (include "eider.bases" $other) (include "eider.bases" $studio)) }}
{{- fail (printf "studios.%s.after: %s does not do the same work: role and bases must be its" $name $before) }}
{{- end }}
{{- $beyond = add $beyond (mul (int $other.max) (int $other.secondsEach)) }}
{{- $seen = append $seen $before }}
{{- $before = $other.after }}
{{- end }}
{{- end }}
{{- $_ := set $studio "beyond" $beyond }}
{{- if eq $studio.region $.Values.regions.here }}{{ $_ := set $here $name $studio }}{{ end }}
{{- end }}
{{- $here | toJson }}
{{- end }}

{{/* The bases that a fleet is kept to, with commas; nothing: every one. */}}
{{- define "eider.bases" -}}
{{- if not .everyBase }}{{ concat (list .base) (compact (list .videoBase)) .moreBases | uniq | join "," }}{{ end }}
{{- end }}

{{- define "eider.image" -}}
{{- $image := .root.Values.image }}
{{- $digest := get $image.digests .target }}
{{- if $digest }}{{ $image.registry }}/eider-{{ .target }}@{{ $digest }}
{{- else }}{{ $image.registry }}/eider-{{ .target }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}
