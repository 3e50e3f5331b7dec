package plan

import (
	"net/http"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// listAPI answers the plan: from now on and for four weeks, if nobody says otherwise.
func (p *Pages) listAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	query := r.URL.Query()
	from := p.Engine.Now()
	until := from.AddDate(0, 0, 28)
	for _, f := range []struct {
		name string
		into *time.Time
	}{{"from", &from}, {"until", &until}} {
		text := query.Get(f.name)
		if text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return web.Refuse(http.StatusBadRequest, "bad_request", f.name+": write 2026-12-25T03:00:00+01:00, not "+ticket.Logged(text))
		}
		if *f.into = at; f.name == "from" && query.Get("until") == "" {
			until = at.AddDate(0, 0, 28)
		}
	}
	if !until.After(from) || until.Sub(from) > ticket.MaxPlanningDays*24*time.Hour {
		return web.Refuse(http.StatusBadRequest, "bad_request", "until: after from, and 400 days at most")
	}
	list, err := p.Book.Between(r.Context(), by.Scope(), from, until, query.Get("person"))
	if err != nil {
		return err
	}
	return web.Answer(w, http.StatusOK, map[string][]ticket.Planned{"interventions": append([]ticket.Planned{}, list...)})
}
