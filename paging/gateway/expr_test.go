package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/astreinte/astreinte/paging"
)

func TestExpressions(t *testing.T) {
	t.Setenv("ASTREINTE_HUSH", "hush")
	for text, want := range map[string]string{
		`.ids[0]`:        "12345678901234567890",
		`.price`:         "0.0330",
		`.price * 2`:     "0.066",
		`.name`:          "Zoé",
		`.absent`:        "",
		`.name | length`: "3",
		`$status`:        "202",
		`$query.page`:    "p",
		`empty`:          "",
	} {
		e, err := compile(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		v, err := parseJSON([]byte(`{"ids": [12345678901234567890], "price": 0.0330, "name": " Zoé"}`))
		if err != nil {
			t.Fatal(err)
		}
		if text == `.name | length` {
			v = map[string]any{"name": "Zoé"}
		}
		got, err := e.text(input{value: v, status: 202, query: map[string]any{"page": "p"}})
		if err != nil || got != want {
			t.Errorf("%s yields %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{`.a[`, `nothing_of_that_name`, `input`, `env.ASTREINTE_HUSH // "no"`, `$ENV.ASTREINTE_HUSH // "no"`, `import "x" as x; .`, `$other`} {
		e, err := compile(text)
		if err != nil {
			continue
		}
		if got, err := e.text(input{}); err == nil {
			t.Errorf("%s yields %q", text, got)
		}
	}
}

// TestExpressionsThatDoNotFit neither hold nor stop anything.
func TestExpressionsThatDoNotFit(t *testing.T) {
	for text, want := range map[string]string{
		`.a.b`:            "cannot", // of a list
		`{}`:              "neither a text nor a number",
		`range(0; 1e9)`:   "more than 1000 values",
		`last(repeat(1))`: "to its end", // or does not end, where there was time to see that
	} {
		e, err := compile(text)
		if err != nil {
			t.Fatal(err)
		}
		in := input{value: []any{json.Number("1")}}
		if got, err := e.text(in); err == nil || (!strings.Contains(err.Error(), want) && !strings.Contains(err.Error(), "does not end") && want != "cannot") {
			t.Errorf("%s yields %q, %v, want %s", text, got, err, want)
		}
	}
	e, err := compile(`.ok`)
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[any]bool{true: true, false: false, "": true, nil: false, 0: true} {
		if got := e.holds(input{value: map[string]any{"ok": value}}); got != want {
			t.Errorf("%v holds: %t", value, got)
		}
	}
	if e.holds(input{value: "text"}) {
		t.Error("an expression that does not fit holds")
	}
}

// TestManyAtOnce: one Sender serves all of the outbox's goroutines.
func TestManyAtOnce(t *testing.T) {
	s := newSender(t, spec(), roundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		var order struct{ To string }
		if err == nil {
			err = json.Unmarshal(body, &order)
		}
		return response(r, 200, nil, `{"ok": true, "id": "`+order.To+`"}`), err
	}))
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			m := message()
			m.To = "+336123456" + string(rune('0'+i/10)) + string(rune('0'+i%10))
			if r := s.Send(t.Context(), m); r.Class != paging.Accepted || r.ProviderID != "acme/"+m.To {
				t.Errorf("%s: %+v", m.To, r)
			}
		})
	}
	all.Wait()
}
