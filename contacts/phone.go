package contacts

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// A telephone can belong to a group (row S1-54): whoever is on duty holds it. It is
// paged under its number, as a person is under a key: keys of people have no + in them.

// addPhones files the telephones that belong to groups.
func (d *Directory) addPhones() error {
	var errs []error
	d.phones = map[string]string{}
	for _, group := range d.Groups() {
		r := d.rosters[group]
		r.Phones = owned(r.Phones)
		for _, number := range r.Phones {
			other, twice := d.phones[number]
			switch {
			case number == "":
				errs = append(errs, fmt.Errorf("contacts: group %q has a telephone without a number", group))
			case d.known(number):
				errs = append(errs, fmt.Errorf("contacts: group %q: %s is a person's key", group, number))
			case len(d.byPhone[number]) > 0:
				errs = append(errs, fmt.Errorf("contacts: group %q: %s is a telephone of %s", group, number, d.byPhone[number][0].Key))
			case twice:
				errs = append(errs, fmt.Errorf("contacts: group %q: %s belongs to group %q", group, number, other))
			}
			d.phones[number] = group
		}
	}
	return errors.Join(errs...)
}

// GroupOfPhone is the group to which a telephone belongs; false if it is none's.
func (d *Directory) GroupOfPhone(number string) (group string, ok bool) {
	group, ok = d.phones[number]
	return group, ok
}

// Recipient is whom a page goes to: a person by key, or a group's telephone by number.
// A telephone has no language, no role that may do anything by itself, and Group says
// whose it is.
func (d *Directory) Recipient(key string) (Person, bool) {
	if group, ok := d.phones[key]; ok {
		return Person{Key: key, Name: group + " " + key, Phones: []string{key}, Role: RoleTechnician, Group: group}, true
	}
	return d.Person(key)
}

// Holders are those who may have a group's telephone in their hands at t: whoever is
// on duty in the group. None if nobody is, or if it is no group's.
func (d *Directory) Holders(number string, t time.Time) []Person {
	group, ok := d.phones[number]
	if !ok {
		return nil
	}
	on, _ := d.On(group, t)
	return on
}

// Holder is in whose name a group's telephone acts at t: the first of those on duty in
// the group, in the order of [Directory.On]; the telephone itself if nobody is. Of any
// other key it is the person. False if there is neither.
func (d *Directory) Holder(key string, t time.Time) (Person, bool) {
	if on := d.Holders(key, t); len(on) > 0 {
		return on[0], true
	}
	return d.Recipient(key)
}

// Paged are those to whom a page of a step goes: the people on duty in the group at t,
// then the group's telephones, as long as somebody is on duty to hold them. False if
// there is no such group.
func (d *Directory) Paged(group string, t time.Time) ([]Person, bool) {
	people, ok := d.On(group, t)
	if len(people) == 0 {
		return people, ok
	}
	people = slices.Clip(people)
	for _, number := range d.rosters[group].Phones {
		phone, _ := d.Recipient(number)
		people = append(people, phone)
	}
	return people, true
}
