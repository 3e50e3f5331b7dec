package report

import "time"

// Pay is what a month gives right to.
type Pay struct {
	Currency string
	// Cents are hundredths, by the kind of hour and of Intervention; a kind that has
	// hours and no rate is not there.
	Cents map[Kind]int64
	Total int64
	// Whole says that everything has a rate, so that Total is all of it.
	Whole bool
}

// owed adds up what one kind of hours gives right to.
type owed struct {
	product  int64 // milliseconds × cents of an hour
	unpriced bool
	currency string
}

// owes adds time at a rate.
func (s *sum) owes(kind Kind, rates *Rates, long time.Duration) {
	o := s.pay[kind]
	if o == nil {
		o = &owed{}
		s.pay[kind] = o
	}
	if rates == nil {
		o.unpriced = true
		return
	}
	cents, has := rates.Cents[kind]
	o.currency, o.unpriced = rates.Currency, o.unpriced || !has
	o.product += long.Milliseconds() * cents
}

// settle rounds each kind once, half a cent up.
func (s *sum) settle() *Pay {
	hour := time.Hour.Milliseconds()
	p := &Pay{Cents: map[Kind]int64{}, Whole: true}
	for kind, o := range s.pay {
		if o.currency != "" {
			p.Currency = o.currency
		}
		if o.unpriced {
			p.Whole = false
			continue
		}
		p.Cents[kind] = (o.product + hour/2) / hour
		p.Total += p.Cents[kind]
	}
	if p.Currency == "" {
		return nil
	}
	return p
}
