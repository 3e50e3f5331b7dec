package ticket

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestBoundLeavesTheUsualAlone(t *testing.T) {
	a := Alert{Fingerprint: "f", Labels: map[string]string{"alertname": "HostDown"}, Annotations: map[string]string{"summary": strings.Repeat("é", 2000)}}
	labels, annotations := maps.Clone(a.Labels), maps.Clone(a.Annotations)
	if a.Bound(0) || !maps.Equal(a.Labels, labels) || !maps.Equal(a.Annotations, annotations) {
		t.Errorf("%v %v", a.Labels, a.Annotations)
	}
}

func TestBound(t *testing.T) {
	many := map[string]string{"site": "zoo", "urgency": "critical", "zzz": "last"}
	for i := range 200 {
		many[fmt.Sprintf("a%03d", i)] = "x"
	}
	tests := []struct {
		name  string
		alert Alert
		left  int
		check func(a *Alert) bool
		note  string
	}{
		{"too many labels: the needed, then by name", Alert{Labels: many}, 0, func(a *Alert) bool {
			return len(a.Labels) == MaxLabels && a.Labels["site"] == "zoo" && a.Labels["urgency"] == "critical" && a.Labels["a097"] == "x" && a.Labels["a098"] == "" && a.Labels["zzz"] == ""
		}, "103 labels and annotations were left out, 0 were cut"},
		{"too many annotations", Alert{Annotations: maps.Clone(many)}, 0, func(a *Alert) bool { return len(a.Annotations) == MaxAnnotations }, "140 labels and annotations were left out, 0 were cut"},
		{"some left out before", Alert{Labels: map[string]string{"a": "b"}}, 3, func(a *Alert) bool { return len(a.Labels) == 1 }, "3 labels and annotations were left out, 0 were cut"},
		{"long ones", Alert{Labels: map[string]string{"a": strings.Repeat("x", 7<<20), strings.Repeat("y", 300): "b"}}, 0, func(a *Alert) bool {
			return len(a.Labels) == 2 && strings.Contains(a.Labels["a"], "…(7340032 bytes, ")
		}, "0 labels and annotations were left out, 2 were cut"},
		{"too much in all", Alert{Labels: map[string]string{"alertname": "x"}, Annotations: func() map[string]string {
			m := map[string]string{"summary": strings.Repeat("s", 8000)}
			for i := range 20 {
				m[fmt.Sprint(i)] = strings.Repeat("x", 8000)
			}
			return m
		}()}, 0, func(a *Alert) bool {
			return a.Labels["alertname"] == "x" && len(a.Annotations["summary"]) == 8000 && len(a.Annotations) == 9
		}, "13 labels and annotations were left out, 0 were cut"},
	}
	for _, tt := range tests {
		missing := tt.alert.Bound(tt.left)
		if note := tt.alert.Annotations[CutNote]; !missing || !tt.check(&tt.alert) || note != tt.note {
			t.Errorf("%s: %d labels, %d annotations, %q", tt.name, len(tt.alert.Labels), len(tt.alert.Annotations), note)
		}
		if labels := maps.Clone(tt.alert.Labels); tt.alert.Bound(0) || !maps.Equal(labels, tt.alert.Labels) {
			t.Errorf("%s: bound again, it is another", tt.name)
		}
	}
	a := Alert{GeneratorURL: "http://" + strings.Repeat("x", 1<<20), SenderGroup: strings.Repeat("g", 1<<20)}
	if a.Bound(0); len(a.GeneratorURL) != MaxURL || len(a.SenderGroup) != MaxSenderGroup {
		t.Errorf("%d %d", len(a.GeneratorURL), len(a.SenderGroup))
	}
}

func TestThin(t *testing.T) {
	usual := Alert{Labels: map[string]string{"alertname": "HostDown"}, Annotations: map[string]string{"summary": "it is down"}}
	usual.Thin()
	if len(usual.Labels) != 1 || len(usual.Annotations) != 1 {
		t.Errorf("%+v", usual)
	}
	fat := Alert{
		Labels: map[string]string{"alertname": "HostDown", "zz": strings.Repeat("z", 2000)}, GeneratorURL: strings.Repeat("u", 2000),
		Annotations: map[string]string{"description": strings.Repeat("d", 8000), "summary": "it is down"},
	}
	for i := range 60 {
		fat.Annotations[fmt.Sprint("a", i)] = strings.Repeat("a", 1000)
	}
	labels, annotations := fat.Labels, fat.Annotations
	fat.Thin()
	size := len(fat.GeneratorURL)
	for _, m := range []map[string]string{fat.Labels, fat.Annotations} {
		for k, v := range m {
			size += len(k) + len(v)
		}
	}
	if size > 3<<10 || fat.Labels["alertname"] != "HostDown" || fat.Annotations["summary"] != "it is down" ||
		!strings.HasPrefix(fat.Annotations["description"], "ddd") || fat.Annotations[CutNote] == "" {
		t.Errorf("%d bytes: %+v", size, fat)
	}
	if len(labels["zz"]) != 2000 || len(annotations) != 62 {
		t.Error("the maps that it had were changed")
	}
}

func TestTitleIsBounded(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	for _, a := range []Alert{
		{Labels: map[string]string{"alertname": long, "instance": "web"}},
		{Annotations: map[string]string{"summary": long}},
		{Labels: map[string]string{"a": long}},
	} {
		if title := a.Title(); len(title) > MaxTitle || !strings.Contains(title, "…(") {
			t.Errorf("%d bytes: %q", len(title), title[:min(len(title), 100)])
		}
	}
}
