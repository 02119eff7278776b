"""Import models that were saved by Keras, without running anything in the file.

Threat model
------------
Published models are downloaded from the web and passed on between observatories, so a file may be
damaged, or made to do harm. It must not

- run code: ``Lambda`` layers, or functions and classes that its description names;
- read other files, through HDF5 links, external and virtual data sets, or vocabulary files;
- exhaust memory or time: zip bombs, arrays that claim 10^12 numbers, huge layers, deep nesting.

Why not use Keras' own loader in safe mode, in a child process? A child limits memory and time, but
code in it has all rights of the user, including over his labels. Safe mode would be the only
barrier, and it has been passed repeatedly, also in versions that napari-iris accepts:
CVE-2025-8747 (functions named in the description), CVE-2025-9905 (ignored for ``.h5`` files),
CVE-2025-9906 (switched off by the file). Nor does it read what has to be read: Keras 3 refuses a
U-Net published with Keras 2 ("Unknown layer: 'TFOpLambda'": ``tf.image.resize`` and ``tf.concat``),
and a file of weights alone can only be loaded into the network that is to be found out.

So the file is read as data: JSON text, of which only known words and numbers are used, and arrays
of floating-point numbers (`file`, `arrays`, `description`). From these our own network is built,
and the described one, from an allowlist of layers (`compare`); the import succeeds only if both
compute the same. Sizes are checked before anything of that size is allocated.
"""
