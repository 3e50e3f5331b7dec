package customer

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

// contactPage is one contact.
type contactPage struct {
	W                              *lang.Customers
	Base                           string
	Of                             string // the customer
	Contact                        contactRow
	Form                           contactForm
	Revision                       int64
	Anonymous                      string // since when
	May, MayAnonymise              bool
	Said, Wrong, Detail, AnonymWhy string
	Tickets                        []openRow
	TicketsURL, CustomerURL        string
	Facts                          []fact
	NoTickets                      string
	Away                           bool
}

// lastOf is how many of a contact's tickets its page shows.
const lastOf = 8

func (p *Pages) showContact(w http.ResponseWriter, r *http.Request, by web.Token) error {
	c, err := p.Book.Contact(r.Context(), by.Scope(), r.PathValue("id"))
	if err != nil {
		return refusal(err)
	}
	b, err := p.contact(r, by, &c)
	if err != nil {
		return err
	}
	switch query := r.URL.Query(); query.Get("done") {
	case "saved":
		b.Said = b.W.Saved
	case "anonymised":
		now, err := strconv.Atoi(query.Get("n"))
		later, err2 := strconv.Atoi(query.Get("left"))
		if err == nil && err2 == nil && now >= 0 && later >= 0 && !c.AnonymisedAt.IsZero() {
			b.Said = lang.Fill(b.W.Done, "tickets", strconv.Itoa(now), "later", strconv.Itoa(later))
		}
	}
	return p.showOne(w, r, by, http.StatusOK, b)
}

func (p *Pages) showOne(w http.ResponseWriter, r *http.Request, by web.Token, status int, b *contactPage) error {
	return p.show(w, r, by, status, "contact.html", b.Contact.Name, b)
}

// contact makes the page of a contact.
func (p *Pages) contact(r *http.Request, by web.Token, c *ticket.Contact) (*contactPage, error) {
	words, rules, scope := p.Frame.Words(r, by), p.Engine.Rules(), by.Scope()
	v := look.For(by.Person, words, rules, p.Engine.Now())
	var customers []option
	called := c.Customer
	for i := range rules.Customers {
		if of := &rules.Customers[i]; scope.SeesCustomer(of.Key) {
			if customers = append(customers, option{of.Key, calledBy(of), of.Key == c.Customer}); of.Key == c.Customer {
				called = calledBy(of)
			}
		}
	}
	b := &contactPage{
		W: &words.Customers, Base: p.House.Own(""), Of: called, Contact: p.row(c, &words.Customers, rules), Form: p.form(c, customers), Revision: c.Revision,
		May: by.Rank() >= desk.Technician && c.AnonymisedAt.IsZero(), MayAnonymise: by.Rank() >= desk.Manager && c.AnonymisedAt.IsZero(),
		AnonymWhy:  lang.Fill(words.Customers.AnonymiseWhy, "id", c.ID),
		TicketsURL: p.listed(url.Values{"contact": {c.ID}}), CustomerURL: p.House.Own("/customers/" + url.PathEscape(c.Customer)),
	}
	b.Facts, b.NoTickets = facts(c, b.W), words.Desk.NoLast
	if !c.AnonymisedAt.IsZero() {
		b.Anonymous = v.At(c.AnonymisedAt)
		b.Contact.Name = b.W.Anonymous + " " + c.ID
	}
	list, err := p.House.Tickets(r.Context(), scope, &ticket.Search{Query: ticket.Query{Limit: lastOf}, Contact: c.ID})
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	if b.Away = list.Missing == ticket.MissingClosed; !b.Away {
		for i := range list.Tickets {
			b.Tickets = append(b.Tickets, p.ticketRow(&list.Tickets[i], v))
		}
	}
	return b, nil
}

type fact struct{ Name, Text string }

// facts are what is known of a contact, in words.
func facts(c *ticket.Contact, w *lang.Customers) (list []fact) {
	for _, f := range []fact{
		{w.Phones, strings.Join(c.Phones, ", ")}, {w.Emails, strings.Join(c.Emails, ", ")}, {w.Site, c.Site}, {w.Language, c.Language}, {w.Ref, c.Ref}, {w.Notes, c.Notes},
	} {
		if f.Text != "" {
			list = append(list, f)
		}
	}
	return list
}

// FormOf is the form with its words, for the template.
func (b *contactPage) FormOf() formOf { return formOf{b.W, &b.Form} }

// postContact saves a contact, ends it, or anonymises it.
func (p *Pages) postContact(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	id, form := r.PathValue("id"), r.PostForm
	at := "/contacts/" + url.PathEscape(id)
	var err error
	switch action := form.Get("action"); action {
	case "anonymise":
		done, err := p.anonymise(r, by, id)
		if err != nil {
			return refusal(err)
		}
		return p.lead(w, at+"?"+url.Values{"done": {"anonymised"}, "n": {strconv.Itoa(done.Tickets)}, "left": {strconv.Itoa(done.Later)}}.Encode())
	case "end", "revive":
		ended := action == "end"
		_, err = p.change(r, by, id, 0, &change{Ended: &ended})
	default:
		revision, wrong := strconv.ParseInt(form.Get("revision"), 10, 64)
		if wrong != nil || revision < 1 {
			return web.Refuse(http.StatusBadRequest, "bad_request", "revision: it is not what the page has")
		}
		ch := changeOf(form)
		_, err = p.change(r, by, id, revision, &ch)
	}
	if err == nil {
		return p.lead(w, at+"?done=saved")
	}
	said, other := p.wrong(r, by, err)
	if other {
		return refusal(err)
	}
	return p.again(w, r, by, id, said, err)
}

// again shows the form once more: as it was sent, or as the contact is where somebody
// else was first.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, by web.Token, id, said string, why error) error {
	c, err := p.Book.Contact(r.Context(), by.Scope(), id)
	if err != nil {
		return refusal(err)
	}
	b, err := p.contact(r, by, &c)
	if err != nil {
		return err
	}
	if why = refusal(why); web.StatusOf(why) != web.StatusOf(refusal(archive.ErrOvertaken)) {
		b.Form = p.form(sent(r.PostForm, id), b.Form.Customers)
		b.Detail = detail(why)
	}
	b.Wrong = said
	return p.showOne(w, r, by, http.StatusUnprocessableEntity, b)
}
