package console

import (
	"context"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/effect/room"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhoElseWasTold: a ticket's page shows which rooms have it, what its tool has heard,
// and what waits, each once and the latest of it.
func TestWhoElseWasTold(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	hasNot(t, o.get("bruno", "/tickets/"+number), `id="elsewhere"`)
	at := o.clock.Now()
	o.console.house = roomed{o.console.house, []room.Message{
		{Room: "ops", Product: "slack", State: room.StatePosted, Posted: at},
		{Room: "duty", Product: "teams", State: room.StateFailed, Error: "HTTP 404"},
	}}
	view := o.view(number)
	effect := func(to, event string) ticket.Effect {
		return ticket.Effect{Ticket: number, To: to, Order: ticket.EffectOrder(1, len(to)), Event: event, At: at, Queued: at}
	}
	write := func(home string, e ticket.Effect) records.Record {
		t.Helper()
		value, err := e.Value()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.store.Records().Write(t.Context(), home, records.Write{Kind: ticket.EffectRecords, Key: e.Key(), Value: value, Due: at.Add(time.Hour), Vital: true}); err != nil {
			t.Fatal(err)
		}
		r, err := o.store.Records().Get(t.Context(), home, ticket.EffectRecords, e.Key())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	ends := func(e ticket.Effect, sent bool, why string) {
		t.Helper()
		r := write("prometheus", e)
		if err := o.engine.EndEffect(t.Context(), ticket.EffectEnd{Home: "prometheus", Revision: r.Revision, Effect: e, Sent: sent, Why: why}); err != nil {
			t.Fatal(err)
		}
	}
	ends(effect("icinga/prometheus", ticket.ToldAcknowledged), true, "")
	ends(effect("webhook/crm", ticket.ToldOpened), false, "HTTP <410>")
	waits := effect("zabbix/prometheus", ticket.ToldReleased)
	waits.Error = "HTTP 503"
	write("prometheus", waits)
	other := effect("zabbix/elsewhere", ticket.ToldClosed)
	other.Ticket += "9"
	write("prometheus", other)
	w := o.get("bruno", "/tickets/"+view.Ticket.Number)
	has(t, w, `id="elsewhere"`, "Who else was told", `<b>ops</b> <span>slack</span> 03:12 <i class="good">is there</i>`,
		`<b>duty</b> <span>teams</span>  <i class="bad">was refused</i> <small>HTTP 404</small>`,
		`<b>icinga/prometheus</b> <span>taken</span> 03:12 <i class="good">has heard it</i>`,
		`<b>webhook/crm</b> <span>opened</span> 03:12 <i class="bad">could not be told</i> <small>HTTP &lt;410&gt;</small>`,
		`<b>zabbix/prometheus</b> <span>nobody has it any more</span> 03:12 <i class="warn">is still to hear it</i> <small>HTTP 503</small>`)
	hasNot(t, w, "zabbix/elsewhere")
}

// roomed is a house whose rooms have messages.
type roomed struct {
	House
	of []room.Message
}

func (r roomed) RoomsOf(context.Context, *ticket.Ticket) []room.Message { return r.of }
