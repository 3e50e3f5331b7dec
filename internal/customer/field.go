package customer

import (
	"cmp"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// The fields of a contact, as the API and the head of a file name them.
const (
	fieldRef       = "ref"
	fieldCustomer  = "customer"
	fieldSite      = "site"
	fieldName      = "name"
	fieldEmails    = "emails"
	fieldPhones    = "phones"
	fieldLanguage  = "language"
	fieldStrategic = "strategic"
	fieldSeesAll   = "sees_all"
	fieldDocuments = "adds_documents"
	fieldNotes     = "notes"
)

// fields lists them, in the order of a file.
func fields() []string {
	return []string{fieldRef, fieldCustomer, fieldName, fieldEmails, fieldPhones, fieldSite, fieldLanguage, fieldStrategic, fieldSeesAll, fieldDocuments, fieldNotes}
}

// FieldError says which field of a contact cannot be taken, and why, in English.
type FieldError struct{ Field, Why string }

// Error names both.
func (e *FieldError) Error() string { return e.Field + ": " + e.Why }

func wrongf(field, format string, args ...any) error {
	return &FieldError{field, fmt.Sprintf(format, args...)}
}

// checker checks fields by the rules in force.
type checker struct {
	rules *escalation.Rules
	scope ticket.Scope
}

// text is a field of one line.
func text(field, value string, most int) (string, error) {
	if value = ticket.Typed(value, field == fieldNotes); len(value) > most {
		return "", wrongf(field, "%d bytes at most, not %d", most, len(value))
	}
	return value, nil
}

// customer is the key of one that is seen. One that is not answers as one that is not
// there.
func (k *checker) customer(key string) (string, error) {
	key = ticket.Typed(key, false)
	if key == "" {
		return "", wrongf(fieldCustomer, "it is needed")
	}
	if _, known := k.rules.Customer(key); !known || !k.scope.SeesCustomer(key) {
		return "", wrongf(fieldCustomer, "no customer has the key %q", ticket.Cut(key, ticket.MaxWord))
	}
	return key, nil
}

func emails(values []string) ([]string, error) {
	var all []string
	for _, value := range values {
		value = ticket.Typed(value, false)
		if value == "" {
			continue
		}
		at, err := mail.ParseAddress(value)
		switch {
		case len(value) > ticket.MaxContactName:
			return nil, wrongf(fieldEmails, "%d bytes at most, not %d", ticket.MaxContactName, len(value))
		case err != nil || at.Name != "" || at.Address != value:
			return nil, wrongf(fieldEmails, "%q is no address like marc@example.com", ticket.Cut(value, ticket.MaxWord))
		}
		if value = strings.ToLower(value); !slices.Contains(all, value) {
			all = append(all, value)
		}
	}
	if len(all) > ticket.MaxContactEmails {
		return nil, wrongf(fieldEmails, "%d at most, not %d", ticket.MaxContactEmails, len(all))
	}
	return all, nil
}

// phones are numbers in E.164. Those that are written as in a country are of the
// customer's country.
func (k *checker) phones(customer string, values []string) ([]string, error) {
	var all []string
	for _, value := range values {
		value = ticket.Typed(value, false)
		if value == "" {
			continue
		}
		number, err := k.phone(customer, value)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(all, number) {
			all = append(all, number)
		}
	}
	if len(all) > ticket.MaxContactPhones {
		return nil, wrongf(fieldPhones, "%d at most, not %d", ticket.MaxContactPhones, len(all))
	}
	return all, nil
}

func (k *checker) phone(customer, value string) (string, error) {
	bad := func(why string) error {
		return wrongf(fieldPhones, "%q is no number: %s", ticket.Cut(value, ticket.MaxPhone), why)
	}
	if len(value) > ticket.MaxPhone {
		return "", bad("it is too long")
	}
	region := k.region(customer)
	number, err := phonenumbers.Parse(value, region)
	switch {
	case err != nil && region == "" && !strings.HasPrefix(value, "+"):
		return "", bad("write it with + and the country before it")
	case err != nil:
		return "", bad("digits are wanted, as +33 2 40 11 22 33")
	case number.GetExtension() != "":
		return "", bad("it has an extension")
	case !phonenumbers.IsPossibleNumber(number):
		return "", bad("it is too long or too short for its country")
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

// region is the country of numbers that are written without one: that of the customer's
// own numbers, else of most of ours; empty: nobody knows.
func (k *checker) region(customer string) string {
	if c, known := k.rules.Customer(customer); known {
		if region := regionOf(c.Phones); region != "" {
			return region
		}
	}
	var all []string
	people := k.rules.Directory.People()
	for i := range people {
		all = append(all, people[i].Phones...)
	}
	return regionOf(all)
}

// regionOf is the country that most of some numbers are of.
func regionOf(numbers []string) string {
	counts, most := map[string]int{}, ""
	for _, text := range numbers {
		if number, err := phonenumbers.Parse(text, ""); err == nil {
			counts[phonenumbers.GetRegionCodeForNumber(number)]++
		}
	}
	for region, n := range counts {
		if region != "" && (n > counts[most] || n == counts[most] && region < most) {
			most = region
		}
	}
	return most
}

func language(value string) (string, error) {
	value = strings.ToLower(ticket.Typed(value, false))
	var tags []string
	for _, w := range lang.All() {
		tags = append(tags, w.Tag)
	}
	if value != "" && !slices.Contains(tags, value) {
		return "", wrongf(fieldLanguage, "it cannot be %q: %s", ticket.Cut(value, ticket.MaxWord), strings.Join(tags, ", "))
	}
	return value, nil
}

// change is what somebody makes of a contact: what is nil stays.
type change struct {
	Ref           *string   `json:"ref"`
	Customer      *string   `json:"customer"`
	Site          *string   `json:"site"`
	Name          *string   `json:"name"`
	Emails        *[]string `json:"emails"`
	Phones        *[]string `json:"phones"`
	Language      *string   `json:"language"`
	Strategic     *bool     `json:"strategic"`
	SeesAll       *bool     `json:"sees_all"`
	AddsDocuments *bool     `json:"adds_documents"`
	Notes         *string   `json:"notes"`
	Ended         *bool     `json:"ended"`
}

// checked checks a change of a contact of a customer, and makes it fit to be kept.
// customer is of numbers that are written without their country.
func (k *checker) checked(ch *change, customer string) error {
	var err error
	keep := func(into **string, field string, most int) {
		if *into == nil || err != nil {
			return
		}
		var value string
		value, err = text(field, **into, most)
		*into = &value
	}
	if ch.Customer != nil {
		var key string
		key, err = k.customer(*ch.Customer)
		ch.Customer, customer = &key, cmp.Or(key, customer)
	}
	keep(&ch.Ref, fieldRef, ticket.MaxContactName)
	keep(&ch.Site, fieldSite, ticket.MaxSite)
	keep(&ch.Name, fieldName, ticket.MaxContactName)
	keep(&ch.Notes, fieldNotes, ticket.MaxContactNotes)
	if err != nil {
		return err
	}
	if ch.Name != nil && *ch.Name == "" {
		return wrongf(fieldName, "it is needed")
	}
	if ch.Language != nil {
		tag, err := language(*ch.Language)
		if err != nil {
			return err
		}
		ch.Language = &tag
	}
	if ch.Emails != nil {
		list, err := emails(*ch.Emails)
		if err != nil {
			return err
		}
		ch.Emails = &list
	}
	if ch.Phones != nil {
		list, err := k.phones(customer, *ch.Phones)
		if err != nil {
			return err
		}
		ch.Phones = &list
	}
	return nil
}

// apply makes it of a contact. What is ended, it does not touch.
func (ch *change) apply(c *ticket.Contact) {
	for _, f := range []struct{ from, into *string }{
		{ch.Ref, &c.Ref}, {ch.Customer, &c.Customer}, {ch.Site, &c.Site}, {ch.Name, &c.Name}, {ch.Language, &c.Language}, {ch.Notes, &c.Notes},
	} {
		if f.from != nil {
			*f.into = *f.from
		}
	}
	for _, f := range []struct{ from, into *bool }{{ch.Strategic, &c.Strategic}, {ch.SeesAll, &c.SeesAll}, {ch.AddsDocuments, &c.AddsDocuments}} {
		if f.from != nil {
			*f.into = *f.from
		}
	}
	if ch.Emails != nil {
		c.Emails = *ch.Emails
	}
	if ch.Phones != nil {
		c.Phones = *ch.Phones
	}
}

// readable says whether a text is one that people wrote.
func readable(text []byte) bool { return utf8.Valid(text) && !slices.Contains(text, 0) }
