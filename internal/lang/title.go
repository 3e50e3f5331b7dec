package lang

import (
	"slices"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Title is for the titles of tickets that the daemon opens itself. A title is
// stored in the desk's language.
type Title struct {
	Refused             string // of a source
	Unheard             string // of a source; for is how long
	LostOne, Lost       string // with the store
	DamagedOne, Damaged string // in the store
	More                string // beside those that are named
	AtBound             string // of a source; MoreOne and MoreAlerts follow, as the alerts come
	MoreOne, MoreAlerts string
	Bounds              map[string]string // of a source, by ticket.Bound's kind
}

// Bound says for which bound of a source a ticket stands. A value that is no
// ticket.Bound comes from an older record, and is in English.
func (w *Words) Bound(b ticket.Bound) string {
	kind, n, ok := b.Parts()
	text := w.Title.Bounds[string(kind)]
	if !ok || text == "" {
		return string(b)
	}
	return Fill(text, "n", strconv.Itoa(n))
}

// Overflow is the title of a ticket that stands for what its source brings
// beyond a bound. alerts is how many of its alerts are kept.
func (w *Words) Overflow(source string, bound ticket.Bound, alerts int) string {
	text := Fill(w.Title.AtBound, "source", source, "bound", w.Bound(bound))
	switch alerts {
	case 0:
		return text
	case 1:
		return text + ", " + w.Title.MoreOne
	}
	return text + ", " + Fill(w.Title.MoreAlerts, "n", strconv.Itoa(alerts))
}

// Lost is the title of a ticket about open tickets that were lost with the store.
func (w *Words) Lost(n int) string {
	if n == 1 {
		return w.Title.LostOne
	}
	return Fill(w.Title.Lost, "n", strconv.Itoa(n))
}

// damagedNamed is how many tickets a title names.
const damagedNamed = 10

// Damaged is the title of a ticket about tickets that cannot be read any more.
func (w *Words) Damaged(numbers []string) string {
	if len(numbers) == 1 {
		return Fill(w.Title.DamagedOne, "number", numbers[0])
	}
	named := slices.Sorted(slices.Values(numbers))
	if more := len(named) - damagedNamed; more > 0 {
		named = append(named[:damagedNamed:damagedNamed], Fill(w.Title.More, "n", strconv.Itoa(more)))
	}
	return Fill(w.Title.Damaged, "n", strconv.Itoa(len(numbers)), "list", strings.Join(named, ", "))
}
