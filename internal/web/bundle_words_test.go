package web

import (
	"testing"

	"github.com/astreinte/astreinte/internal/lang"
)

func TestTheHeadingOfABundle(t *testing.T) {
	for tag, want := range map[string][2]string{
		"en": {"1 ticket", "2 tickets"}, "fr": {"1 ticket", "2 tickets"}, "it": {"1 ticket", "2 ticket"},
	} {
		words := &lang.In(tag).Page
		if got := [2]string{words.AllOf(1), words.AllOf(2)}; got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestABundleOfOne(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown", "urgency", "critical")
	token := d.bundleOf("alice", number)
	has(t, d.look(token), "<h1>1 ticket</h1>")
	has(t, d.look(token+"?ticket="+number), "← 1 ticket<")
}
