import java.util.List;

import registry.ApiClient;
import registry.ApiException;
import registry.api.DesignationsApi;
import registry.api.VendorsApi;
import registry.model.Designation;
import registry.model.OrderIssuedEvent;
import registry.model.Problem;
import registry.model.Vendor;
import registry.model.VendorCreate;
import registry.model.VendorKind;

/** A round trip with the client that openapi-generator makes for Java: a list, a designation with its events, a problem. */
public final class RoundTrip {
    private static void check(boolean holds, Object shown) {
        if (!holds) throw new AssertionError(shown);
    }

    public static void main(String[] arguments) throws ApiException {
        ApiClient client = new ApiClient();
        client.updateBaseUri(System.getenv("REGISTRY_URL"));
        String key = "Bearer " + System.getenv("REGISTRY_ANALYST_KEY");
        client.setRequestInterceptor(request -> request.header("Authorization", key));

        VendorsApi vendors = new VendorsApi(client);
        List<Vendor> found = vendors.listVendors(
            null, null, List.of("US", "CN"), null, null, null, null, null, 500, null, null, null).getItems();
        check(found.size() > 1, found);
        check(found.stream().allMatch(vendor -> List.of("US", "CN").contains(vendor.getCountry())), found);

        DesignationsApi designations = new DesignationsApi(client);
        Designation listed = designations.listDesignations(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, 1, null, null, null)
            .getItems().get(0);
        Designation read = designations.getDesignation(listed.getId(), null, null, null, null);
        check(read.getTitle().equals(listed.getTitle()), read);
        check(read.getEvents().stream().anyMatch(event -> event.getActualInstance() instanceof OrderIssuedEvent order
            && !order.getSources().isEmpty()), read.getEvents());

        VendorCreate wrong = new VendorCreate().legalName("Wrong").kind(VendorKind.COMPANY).country("ZZ");
        try {
            check(false, vendors.createVendor(wrong, null, null));
        } catch (ApiException refused) {
            check(refused.getCode() == 422, refused);
            Problem problem = problem(refused.getResponseBody());
            check(problem.getCode().equals("invalid"), problem);
            check(problem.getErrors().get(0).getPointer().equals("/country"), problem);
        }
        System.out.println("the round trip went well");
    }

    private static Problem problem(String body) {
        try {
            return ApiClient.createDefaultObjectMapper().readValue(body, Problem.class);
        } catch (java.io.IOException failure) {
            throw new AssertionError(body, failure);
        }
    }
}
