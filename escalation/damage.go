package escalation

import (
	"cmp"
	"slices"
	"sync"

	"github.com/astreinte/astreinte/internal/ticket"
)

// ErrDamaged says that a ticket's record exists but cannot be read. Trying
// again does not help. It is an ErrNotFound too.
var ErrDamaged error = damagedError{}

type damagedError struct{}

// Error is what errors say of a damaged record.
func (damagedError) Error() string { return "its record is damaged" }

// Is makes errors.Is(err, ErrNotFound) hold.
func (damagedError) Is(target error) bool { return target == ErrNotFound }

// DamagedRecord is a record that a store could not read, and passed over.
type DamagedRecord struct {
	Kind ticket.RecordKind
	Name string // as in the keys of the record
	Why  string
}

// maxDamaged bounds how many damaged records are remembered by name.
const maxDamaged = 1000

// Damages are the records that a store found damaged since it was opened, each
// once. The zero value is ready, and safe for use by any number of goroutines.
type Damages struct {
	mu     sync.Mutex
	byName map[ticket.RecordKind]map[string]string
	named  int
}

// Note remembers a damaged record.
func (d *Damages) Note(kind ticket.RecordKind, name string, why error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	name = ticket.Cut(name, ticket.MaxLogged)
	if _, known := d.byName[kind][name]; known || d.named >= maxDamaged {
		return
	}
	if d.byName == nil {
		d.byName = map[ticket.RecordKind]map[string]string{}
	}
	if d.byName[kind] == nil {
		d.byName[kind] = map[string]string{}
	}
	d.byName[kind][name] = ticket.Cut(why.Error(), ticket.MaxLogged)
	d.named++
}

// Damaged lists them, by kind and name. A store that embeds Damages has it.
func (d *Damages) Damaged() []DamagedRecord {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]DamagedRecord, 0, d.named)
	for kind, names := range d.byName {
		for name, why := range names {
			all = append(all, DamagedRecord{kind, name, why})
		}
	}
	slices.SortFunc(all, func(a, b DamagedRecord) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return all
}
