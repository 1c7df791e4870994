// A round trip with the client that openapi-generator makes for Go: a list, a designation with its events, a problem.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"example.com/risk/registry"
)

func check(holds bool, shown any) {
	if !holds {
		log.Panicf("%+v", shown)
	}
}

func main() {
	configuration := registry.NewConfiguration()
	configuration.Servers = registry.ServerConfigurations{{URL: os.Getenv("REGISTRY_URL")}}
	client := registry.NewAPIClient(configuration)
	signedIn := context.WithValue(context.Background(), registry.ContextAccessToken, os.Getenv("REGISTRY_ANALYST_KEY"))

	vendors, _, err := client.VendorsAPI.ListVendors(signedIn).Country([]string{"US", "CN"}).Limit(500).Execute()
	check(err == nil, err)
	check(len(vendors.Items) > 1, vendors)
	for _, vendor := range vendors.Items {
		check(vendor.GetCountry() == "US" || vendor.GetCountry() == "CN", vendor)
	}

	page, _, err := client.DesignationsAPI.ListDesignations(signedIn).Limit(1).Execute()
	check(err == nil, err)
	designation, _, err := client.DesignationsAPI.GetDesignation(signedIn, page.Items[0].Id).Execute()
	check(err == nil, err)
	ordered := false
	for _, event := range designation.Events {
		if order := event.OrderIssuedEvent; order != nil {
			ordered = len(order.Sources) > 0
		}
	}
	check(ordered, designation.Events)

	wrong := registry.NewVendorCreate(registry.VENDORKIND_COMPANY, "Wrong")
	wrong.SetCountry("ZZ")
	_, answer, err := client.VendorsAPI.CreateVendor(signedIn).VendorCreate(*wrong).Execute()
	var refused *registry.GenericOpenAPIError
	check(errors.As(err, &refused) && answer.StatusCode == 422, err)
	problem, typed := refused.Model().(registry.Problem)
	check(typed && problem.Code == "invalid" && problem.Errors[0].Pointer == "/country", refused.Model())
	fmt.Println("the round trip went well")
}
