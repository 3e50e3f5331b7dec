package console

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/web"
)

// drillPage is the body of a drill.
type drillPage struct {
	Group, When string
	Running     bool
	People      []drilledLine
}

// drilledLine is one of the people of a drill.
type drilledLine struct {
	Name, Said, How string
	Good            bool
	Tries           []tryLine
}

// drill begins a drill of a group, and leads to its page.
func (c *Console) drill(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if c.ready == nil {
		return web.Refuse(http.StatusNotImplemented, "unsupported", "there are no drills now")
	}
	ctx, cancel := lasting(r.Context())
	defer cancel()
	d, err := c.house.Drilled(ctx, by, r.PostFormValue("group"), "")
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	c.lead(w, "/drills/"+url.PathEscape(d.ID), "/drills", nil)
	return nil
}

func (c *Console) showDrill(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	if c.ready == nil {
		return web.Refuse(http.StatusNotImplemented, "unsupported", "there are no drills now")
	}
	d, err := c.ready.Drill(r.Context(), r.PathValue("id"))
	switch {
	case errors.Is(err, ready.ErrNoDrill):
		return web.Refuse(http.StatusNotFound, "not_found", "there is no such drill")
	case err != nil:
		return fmt.Errorf("console: %w", err)
	}
	f := c.frame(r, who, who.words.Ready.Drilled)
	body := who.drillPage(&d)
	if f.Body = body; body.Running {
		f.Every = 3
	}
	return c.show(w, r, http.StatusOK, "drill", f)
}

func (r *reader) drillPage(d *ready.Drill) drillPage {
	y, v := &r.words.Ready, r.viewer()
	p := drillPage{Group: d.Group, When: v.At(d.At), Running: d.Running(r.now)}
	for i := range d.People {
		one := &d.People[i]
		line := drilledLine{Name: v.Name(one.Person), Said: y.NoAnswer}
		if !one.Answered.IsZero() {
			line.Good = !one.Answered.After(d.Ends())
			line.Said, line.How = lang.Fill(y.Answered, "ago", one.Answered.Sub(d.At).Round(time.Second).String()), cmp.Or(y.How[string(one.How)], string(one.How))
		}
		for k := range one.Tries {
			t := &one.Tries[k]
			address := ""
			if r.sees(one.Person) {
				address = t.Address
			}
			line.Tries = append(line.Tries, tryLine{t.Channel, address, r.words.Console.PageStates[t.State], pageClass(t.State), t.Error})
		}
		p.People = append(p.People, line)
	}
	return p
}
