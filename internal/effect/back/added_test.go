package back

import (
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
	"github.com/astreinte/astreinte/internal/upstream/upstreamtest"
)

// TestLabelsThatTheSourceAdds are none of the tool's: with labels: {service: web} in its
// source, an alert of a host is about the host.
func TestLabelsThatTheSourceAdds(t *testing.T) {
	labels := []string{"instance", "srv", "service", "web"}
	tool := upstreamtest.NewIcinga("srv", "srv!web")
	d := newDesk(t, KindIcinga, icinga, tool, "")
	d.alert("a", labels...)
	d.alerts[0].Added = []string{"service", "site"}
	d.takes(ticket.Acknowledged)
	if _, ok := tool.Acknowledges("srv"); !ok {
		t.Error("the host is not acknowledged")
	}
	if _, ok := tool.Acknowledges("srv!web"); ok {
		t.Error("a service is, of which the tool said nothing")
	}
	other := upstreamtest.NewCheckmk("srv", "srv!web")
	d = newDesk(t, KindCheckmk, func(o upstream.Options, _ func() time.Time) Tool { return Checkmk{upstream.NewCheckmk(o)} }, other, "/site")
	d.alert("a", labels...)
	d.alerts[0].Added = []string{"service"}
	d.takes(ticket.Acknowledged)
	if got := other.Acknowledged(); !slices.Equal(got, []string{"srv"}) {
		t.Errorf("%v are acknowledged", got)
	}
}
