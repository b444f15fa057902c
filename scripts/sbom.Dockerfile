# Lists the Python packages of an image of PetSage, as CycloneDX, on standard output: see `make sbom`.
ARG IMAGE
FROM ${IMAGE}
ARG PIP_INDEX_URL
USER root
COPY locks/sbom.txt /sbom/
RUN /usr/bin/env -i PATH=/usr/local/bin:/usr/bin python3 -m venv /sbom/environment \
    && /sbom/environment/bin/pip install --quiet --require-hashes --requirement /sbom/sbom.txt
CMD ["/sbom/environment/bin/cyclonedx-py", "environment", "--output-reproducible", "/opt/petsage/bin/python"]
