package back

import (
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
	"github.com/astreinte/astreinte/internal/upstream/upstreamtest"
)

// TestTwoInstallationsOnOneTool leave alone what is the other's, of a ticket that has the
// same number there. What was written before marks said whose they are is ours.
func TestTwoInstallationsOnOneTool(t *testing.T) {
	other, old := ticket.MarkOf("https://other.example.net"), ticket.Mark("")
	tool := upstreamtest.NewIcinga("srv", "srv!disk", "srv!load")
	d := newDesk(t, KindIcinga, icinga, tool, "")
	d.alert("a", "instance", "srv")
	d.alert("b", "instance", "srv", "service", "disk")
	d.alert("c", "instance", "srv", "service", "load")
	tool.Acknowledge("srv", "disk", "Bob", other.On(number)+": Bob has it")
	tool.Acknowledge("srv", "load", "Zoé", old.On(number)+": Zoé has it")
	d.takes(ticket.Acknowledged)
	d.takes(ticket.Open)
	for name, stays := range map[string]bool{"srv": false, "srv!disk": true, "srv!load": false} {
		if _, is := tool.Acknowledges(name); is != stays {
			t.Errorf("%s is acknowledged: %v", name, is)
		}
	}
	silencer, d := silencing(t)
	theirs := upstream.Silence{
		Matchers: exactly(map[string]string{"alertname": "Down", "instance": "b"}),
		StartsAt: d.now, EndsAt: d.now.Add(silenceFor), CreatedBy: "Bob", Comment: other.On(number) + ": Bob has it",
	}
	if _, err := d.r.o.Tool.(Alertmanager).API.Silence(t.Context(), theirs); err != nil {
		t.Fatal(err)
	}
	d.takes(ticket.StateResolved)
	if got := silencer.Silences(); len(got) != 1 || got[0].CreatedBy != "Bob" {
		t.Errorf("what is left are %+v", got)
	}
}
