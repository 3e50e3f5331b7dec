package contacts

import "fmt"

// Role is what a person is in the on-call organisation.
type Role string

// The roles. Managers are paged where nobody else can be reached.
const (
	RoleTechnician Role = "technician" // where nothing is said
	RoleManager    Role = "manager"
)

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
}

// checked is the person with its defaults.
func (p Person) checked() (Person, error) {
	if p.Key == "" {
		return p, fmt.Errorf("contacts: person %q has no key", p.Name)
	}
	switch p.Role {
	case "":
		p.Role = RoleTechnician
	case RoleTechnician, RoleManager:
	default:
		return p, fmt.Errorf("contacts: person %q: no role %q, only %s and %s", p.Key, p.Role, RoleTechnician, RoleManager)
	}
	p.Phones = owned(p.Phones)
	return p, nil
}
