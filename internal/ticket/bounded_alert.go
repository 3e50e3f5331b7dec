package ticket

import (
	"cmp"
	"fmt"
	"slices"
)

// CutNote is the annotation that says what is missing from an alert.
const CutNote = "astreinte_cut"

// Needed reports whether a label or an annotation of that name is kept if
// there are too many: the product itself reads it, or people usually have
// rules for it.
func Needed(name string) bool {
	switch name {
	case "alertname", "instance", "host", "hostname", "node",
		"customer", "site", "contract", "urgency", "severity", "priority", "job", "service", "cluster", "namespace", "team",
		"summary", "description", "message", "title", "runbook_url":
		return true
	}
	return false
}

// Bound makes an alert as small as every alert must be, whoever sent it. It
// cuts what is too long. Of too many labels and annotations it keeps the
// needed ones, then the first ones by name. An annotation says so. The alert
// itself always stays. Bound reports whether something is missing. unread is
// how many labels and annotations were left out before.
//
// The fingerprint must be set before: Bound leaves it as it is. Two alerts
// that differ only in what is left out may look the same afterwards.
func (a *Alert) Bound(unread int) (missing bool) {
	a.Named = Cut(a.Named, MaxTitle)
	a.GeneratorURL = Cut(a.GeneratorURL, MaxURL)
	a.SenderGroup = Cut(a.SenderGroup, MaxSenderGroup)
	a.Remark.Bound()
	if unread == 0 && a.fits(MaxAlertText) {
		return false
	}
	a.bound(unread, MaxAlertText)
	return true
}

// Thin is Bound with less room, for an alert of which there are very many. The
// maps that a had stay as they are.
func (a *Alert) Thin() {
	a.GeneratorURL = Cut(a.GeneratorURL, MaxThinText/4)
	if !a.fits(MaxThinText) {
		a.bound(0, MaxThinText)
	}
}

// bound makes labels and annotations fit into room.
func (a *Alert) bound(unread, room int) {
	b := bounded{left: unread, room: room}
	pairs := append(named(a.Labels, false), named(a.Annotations, true)...)
	slices.SortFunc(pairs, func(x, y namedPair) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.name, y.name))
	})
	for _, p := range pairs {
		if p.annotation {
			b.keep(&b.annotations, p, MaxAnnotations-1, min(MaxAnnotationValue, room/4)) // one is CutNote
		} else {
			b.keep(&b.labels, p, MaxLabels, min(MaxLabelValue, room/4))
		}
	}
	a.Labels, a.Annotations = b.labels, b.annotations
	if a.Annotations == nil {
		a.Annotations = map[string]string{}
	}
	a.Annotations[CutNote] = fmt.Sprintf("%d labels and annotations were left out, %d were cut", b.left, b.cut)
}

// fits reports whether all labels and annotations fit into room as they are.
func (a *Alert) fits(room int) bool {
	if len(a.Labels) > MaxLabels || len(a.Annotations) > MaxAnnotations {
		return false
	}
	total := 0
	for k, v := range a.Labels {
		total += len(k) + len(v)
		if len(k) > MaxLabelName || len(v) > MaxLabelValue {
			return false
		}
	}
	for k, v := range a.Annotations {
		total += len(k) + len(v)
		if len(k) > MaxLabelName || len(v) > MaxAnnotationValue {
			return false
		}
	}
	return total <= room
}

// namedPair is a label or an annotation. Those of the lowest rank stay first.
type namedPair struct {
	name, value string
	annotation  bool
	rank        int
}

func named(m map[string]string, annotations bool) []namedPair {
	list := make([]namedPair, 0, len(m))
	for k, v := range m {
		p := namedPair{name: k, value: v, annotation: annotations}
		if !Needed(k) {
			p.rank += 2
		}
		if annotations {
			p.rank++
		}
		list = append(list, p)
	}
	return list
}

// bounded counts what stays of an alert.
type bounded struct {
	labels, annotations map[string]string
	total, room         int // bytes
	left, cut           int // pairs
}

func (b *bounded) keep(in *map[string]string, p namedPair, most, longest int) {
	name, value := Cut(p.name, MaxLabelName), Cut(p.value, longest)
	if len(*in) >= most || b.total+len(name)+len(value) > b.room {
		b.left++
		return
	}
	if *in == nil {
		*in = map[string]string{}
	}
	if name != p.name || value != p.value {
		b.cut++
	}
	b.total += len(name) + len(value)
	(*in)[name] = value
}
