package ticket

import (
	"slices"
	"time"
)

// Contact is somebody at a customer's, whom the desk speaks with. The archive alone
// has contacts: nothing that pages needs one (docs/adr/0072-contacts-of-customers.md).
type Contact struct {
	ID       string `json:"id"`
	Ref      string `json:"ref,omitempty"` // its key in another system; one of its customer's alone has it
	Customer string `json:"customer"`
	Site     string `json:"site,omitempty"`

	Name     string   `json:"name"`
	Emails   []string `json:"emails,omitempty"` // in lower case, the preferred one first
	Phones   []string `json:"phones,omitempty"` // E.164, the preferred one first
	Language string   `json:"language,omitempty"`
	Notes    string   `json:"notes,omitempty"`

	Strategic     bool `json:"strategic"`      // S1-64
	SeesAll       bool `json:"sees_all"`       // in the portal: all tickets of the customer
	AddsDocuments bool `json:"adds_documents"` // in the portal: to those of the customer

	EndedAt      time.Time `json:"ended_at,omitzero"` // no contact any more
	AnonymisedAt time.Time `json:"anonymised_at,omitzero"`

	Revision  int64     `json:"revision"` // counts its changes
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	UpdatedBy string    `json:"updated_by,omitempty"` // a person's key, a token's name
}

// Email is the preferred address; empty: there is none.
func (c *Contact) Email() string { return first(c.Emails) }

// Phone is the preferred number; empty: there is none.
func (c *Contact) Phone() string { return first(c.Phones) }

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// Party is the contact as a ticket has it: by value, so that no later change of the
// contact changes what the ticket says.
func (c *Contact) Party() Party {
	return Party{ID: c.ID, Name: c.Name, Email: c.Email(), Phone: c.Phone()}
}

// Same reports whether two contacts say the same, whoever wrote them and when.
func (c *Contact) Same(other *Contact) bool {
	a, b := c.said(), other.said()
	return a == b && slices.Equal(c.Emails, other.Emails) && slices.Equal(c.Phones, other.Phones) && c.EndedAt.Equal(other.EndedAt)
}

type contactSaid struct {
	ref, customer, site, name, language, notes string
	strategic, seesAll, addsDocuments          bool
}

func (c *Contact) said() contactSaid {
	return contactSaid{c.Ref, c.Customer, c.Site, c.Name, c.Language, c.Notes, c.Strategic, c.SeesAll, c.AddsDocuments}
}

// Anonymise deletes what names the contact. What is left says that there was one.
func (c *Contact) Anonymise(now time.Time) {
	*c = Contact{ID: c.ID, Customer: c.Customer, EndedAt: c.EndedAt, AnonymisedAt: now, Revision: c.Revision, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, UpdatedBy: c.UpdatedBy}
	if c.EndedAt.IsZero() {
		c.EndedAt = now
	}
}

// ContactQuery selects contacts. What is empty selects all.
type ContactQuery struct {
	Customer string
	Text     string // the beginnings of words of names, addresses and sites, or of a number
	Email    string // exactly
	Phone    string // a number however it is written
	Ended    bool   // those that ended too
	Cursor   string
	Limit    int
}

// ContactListing is a part of a list of contacts, by customer and name.
type ContactListing struct {
	Contacts []Contact `json:"contacts"`
	Next     string    `json:"next"` // the cursor of the next part; empty: that was all
}

// Imported says what became of a contact of a file.
type Imported string

// What becomes of it.
const (
	ImportNew   Imported = "new"
	ImportSame  Imported = "same"
	ImportOther Imported = "changed"
)

// Importing is a contact of a file: how it is to become what it says. Apply is given
// the contact that has its key, or a new one with Ref and Emails.
type Importing struct {
	Customer, Ref, Email string // the key: the reference, else the address
	Apply                func(c *Contact)
}

// Anonymised is what anonymising a contact did.
type Anonymised struct {
	Tickets int `json:"tickets"` // on which the contact stands as an ID alone, by this
	Later   int `json:"later"`   // that are in the store still: theirs goes once they leave it
}

// PhoneKey is a number as numbers are compared: its last nine digits, so that a number
// as its country writes it is the same as with the country before it.
func PhoneKey(number string) string {
	digits := make([]byte, 0, len(number))
	for i := range len(number) {
		if c := number[i]; c >= '0' && c <= '9' {
			digits = append(digits, c)
		}
	}
	return string(digits[max(0, len(digits)-phoneDigits):])
}

const phoneDigits = 9
