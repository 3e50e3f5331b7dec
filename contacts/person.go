package contacts

import (
	"fmt"
	"slices"
)

// Role is what a person is in the on-call organisation.
type Role string

// The roles, each of which may what those before it may. Managers are paged if
// nobody else can be reached, admins if there is no manager.
const (
	RoleReader     Role = "reader"
	RoleTechnician Role = "technician" // where nothing is said
	RoleManager    Role = "manager"
	RoleAdmin      Role = "admin"
)

// Roles are all of them.
func Roles() []Role { return []Role{RoleReader, RoleTechnician, RoleManager, RoleAdmin} }

// Person is somebody who can be paged. Slices of a Person that a [Directory]
// gave out belong to it and must not be changed.
type Person struct {
	Key      string // as groups, tickets and the API name the person
	Name     string
	Phones   []string // E.164, the preferred one first
	Email    string
	Language string // "en", "fr", "it", or "" for the default
	Skill    string // "standard", "confirmed", "expert", or ""
	Role     Role
	// Customers are those whose tickets the person sees and acts on, by their keys; none:
	// everybody's. Tickets that page the person are seen whosever they are.
	Customers []string
	// Wake says by which channels the person wants to be paged beside those of a step,
	// and how long after them, by the name of the urgency.
	Wake  map[string][]Ring
	Quiet *Quiet // nil: the person is paged at any time
	// Chat are the person's accounts, by the product: an id of Slack's, of Mattermost's.
	Chat map[string]string
	// Group is whose telephone it is, if this is no person ([Directory.Recipient]).
	Group string
}

// checked is the person with its defaults.
func (p Person) checked() (Person, error) {
	if p.Key == "" {
		return p, fmt.Errorf("contacts: person %q has no key", p.Name)
	}
	if p.Role == "" {
		p.Role = RoleTechnician
	}
	if !slices.Contains(Roles(), p.Role) {
		return p, fmt.Errorf("contacts: person %q: no role %q, only %v", p.Key, p.Role, Roles())
	}
	p.Phones, p.Customers = owned(p.Phones), owned(p.Customers)
	return p, nil
}
